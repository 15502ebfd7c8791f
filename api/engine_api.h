/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The boundary between the GStreamer plugin and the engine library: a versioned table of C
 * functions. The plugin links neither LibTorch nor OpenCV, so it loads without them and can report
 * why the engine cannot be opened. No function throws; each function that can fail fills a
 * FomoError.
 *
 * FOMO_ENGINE_ABI changes whenever a layout or a meaning in this file changes. A plugin works only
 * with the engine of the same build. */
#ifndef FOMO_ENGINE_API_H
#define FOMO_ENGINE_API_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define FOMO_ENGINE_ABI 7u
#define FOMO_ENGINE_ENTRY "fomo_engine_get_api"
#define FOMO_MESSAGE_SIZE 1024

/* A C caller can pass any integer where the table takes an enumeration. With a fixed underlying
 * type the engine may read such a value, and refuse it; without, C++ leaves the read undefined. */
#ifdef __cplusplus
#define FOMO_INT : int
#else
#define FOMO_INT
#endif

/* Outcome of a call, one value for each GStreamer error code that the element posts. */
typedef enum FOMO_INT {
  FOMO_OK = 0,
  FOMO_NOT_FOUND,  /* no such file or device               RESOURCE, NOT_FOUND */
  FOMO_OPEN_READ,  /* the file exists but cannot be read   RESOURCE, OPEN_READ */
  FOMO_WRONG_TYPE, /* the data are of an unsupported type  STREAM, WRONG_TYPE */
  FOMO_SETTINGS,   /* settings are invalid or contradict   RESOURCE, SETTINGS */
  FOMO_NO_MEMORY,  /* out of host or device memory         RESOURCE, NO_SPACE_LEFT */
  FOMO_LIBRARY,    /* a run-time library is missing        LIBRARY, INIT */
  FOMO_FAILED      /* any other failure                    STREAM, FAILED */
} FomoStatus;

/* Why a call failed: the thing, the reason and the remedy in one or two sentences, UTF-8. */
typedef struct {
  FomoStatus status;
  char message[FOMO_MESSAGE_SIZE];
} FomoError;

/* Weights on a device. Thread-safe. Callers that open the same model share the weights. */
typedef struct FomoModel FomoModel;
/* A decoded picture of any size. Immutable. */
typedef struct FomoPicture FomoPicture;
/* A picture encoded by a model. Immutable. */
typedef struct FomoSource FomoSource;
/* The keypoints of a still picture. Immutable. */
typedef struct FomoPose FomoPose;
/* The state of one driving video: the followed face, the reference pose, working memory. */
typedef struct FomoStream FomoStream;
/* The motion of one driving frame. Immutable. */
typedef struct FomoMotionFrame FomoMotionFrame;
/* Turns the motion of successive frames into packets. */
typedef struct FomoMotionEncoder FomoMotionEncoder;
/* Turns packets into motion. */
typedef struct FomoMotionDecoder FomoMotionDecoder;

/* Arithmetic of the network. AUTO: FP32 on a CPU, FP16 on a GPU. */
typedef enum FOMO_INT {
  FOMO_PRECISION_AUTO = 0,
  FOMO_PRECISION_FP32,
  FOMO_PRECISION_FP16,
  FOMO_PRECISION_BF16
} FomoPrecision;

/* The part of a picture or of driving frames that the model sees. */
typedef enum FOMO_INT {
  FOMO_CROP_NONE = 0, /* the whole frame, stretched to the model's shape, as in FOMM's demo */
  FOMO_CROP_CENTER,   /* the largest centred square */
  FOMO_CROP_FACE,     /* a square around a face, as in VoxCeleb; it follows the driver's face */
  FOMO_CROP_AUTO,     /* FACE for a model of faces (in a picture: if it has a face), else CENTER */
  FOMO_CROP_MANUAL    /* in driving frames: the square in FomoDriving; in a picture: AUTO */
} FomoCrop;

#define FOMO_ALL_FACES (-1)

/* How to choose the parts of a picture that the model animates. */
typedef struct {
  FomoCrop crop;
  int32_t face_index; /* which face, counted from the largest, or FOMO_ALL_FACES */
} FomoFraming;

/* Pixels with 8 bits a channel, interleaved R, G, B (channels 3) or R, G, B, A (channels 4). */
typedef struct {
  uint8_t* data;
  int32_t width, height; /* pixels */
  ptrdiff_t stride;      /* bytes from row to row */
  int32_t channels;
} FomoImage;

/* A read-only FomoImage. */
typedef struct {
  const uint8_t* data;
  int32_t width, height;
  ptrdiff_t stride;
  int32_t channels;
} FomoConstImage;

/* What to load, and how to run it. */
typedef struct {
  const char* model;  /* a checkpoint file, or "builtin" */
  const char* config; /* a FOMM YAML file; NULL: the configuration is read from the weights */
  const char* device; /* "auto", "cpu", "cuda" or "cuda:N" */
  FomoPrecision precision;
  int32_t threads;       /* CPU threads of the engine, 0: all cores */
  int32_t align_corners; /* of grid_sample; the published weights were trained with 1 */
  int32_t deterministic; /* 1: the same results on every run and with any number of threads */
} FomoModelOptions;

/* A loaded model. */
typedef struct {
  char name[256];        /* "builtin", a published checkpoint's name, or the file's base name */
  char container[32];    /* "legacy", "zip", "safetensors" */
  char device[32];       /* "cpu", "cuda:0" */
  char precision[8];     /* "fp32", "fp16", "bf16" */
  char file[4096];       /* the file of the weights; empty if the path is longer */
  int32_t width, height; /* size of the model's input and output frames, pixels */
  int32_t num_kp;        /* number of keypoints */
  int32_t about_faces;   /* 0: the model is known to animate something other than faces */
  int32_t named_kp;      /* 1: the keypoints have names, so that FomoFaceControls apply */
  int32_t shared;        /* 1: the weights were loaded already and are shared */
  double load_ms;        /* milliseconds that opening the model took */
} FomoModelInfo;

/* An encoded picture. */
typedef struct {
  int32_t width, height; /* size of the picture, pixels */
  int32_t has_alpha;     /* 1: the picture has transparency */
  FomoCrop crop;         /* NONE, CENTER or FACE */
  int32_t faces;         /* number of faces that move */
  int32_t faces_found;   /* number of faces in the picture; -1: not searched for */
  int32_t leans;         /* 1: the one face leans or lies; it is shown so only when presented */
} FomoSourceInfo;

/* What output frames show of a source. */
typedef struct {
  int32_t whole_picture; /* 1: the whole picture with its animated crops; 0: the one crop alone */
  int32_t detail;        /* 1: fine detail is taken from the picture itself */
  int32_t width, height; /* of the frames, pixels; 0: the size of the picture, or of the model */
  int32_t channels;      /* 3, or 4 with straight alpha */
  int32_t plate;         /* 1: a background plate is shown where the head has been */
} FomoPresentation;

/* How driving motion becomes the picture's motion (section 3.4 of the paper). */
typedef struct {
  int32_t relative;          /* 1: motion since the neutral pose; 0: absolute keypoints */
  int32_t relative_jacobian; /* 1: Jacobians since the neutral pose; 0: those of the frame */
  int32_t adapt_scale;       /* 1: scale motion by the ratio of the keypoints' convex hulls */
} FomoMotion;

/* Which driving frame is the neutral pose of relative motion. */
typedef enum FOMO_INT {
  FOMO_REFERENCE_FIRST = 0, /* the first frame */
  FOMO_REFERENCE_AUTO,      /* the frame nearest to the picture's pose so far; anew after a cut */
  FOMO_REFERENCE_MANUAL     /* chosen by stream_reset_reference or stream_set_reference */
} FomoReference;

/* What the picture does while the driver's face is lost. */
typedef enum FOMO_INT {
  FOMO_LOST_HOLD = 0, /* keeps the last pose */
  FOMO_LOST_RELAX,    /* returns smoothly to the picture's own pose */
  FOMO_LOST_FREEZE    /* shows the last frame again */
} FomoLost;

/* Changes of a face's motion, for models whose keypoints have names (FomoModelInfo::named_kp);
 * other models ignore them. */
typedef struct {
  double head, eyes, mouth, brows; /* factors of the motion of each part, 0 (none) to 2 (twice) */
  double yaw, pitch, roll;         /* added: degrees to the picture's right, upwards, clockwise */
  double eyes_open;                /* added: -1 shut, 1 half as wide again as the picture's eyes */
  double mouth_open;               /* added: -1 shut, 1 wide open */
  double smile;                    /* added: -1 corners of the mouth down, 1 a broad smile */
} FomoFaceControls;

/* The controls that change nothing. */
#define FOMO_NO_FACE_CONTROLS                                                                      \
  { 1, 1, 1, 1, 0, 0, 0, 0, 0, 0 }

/* How keypoints are calibrated. May change with every frame. */
typedef struct {
  FomoMotion motion;
  FomoReference reference;
  FomoLost on_lost;
  double strength;  /* factor of the motion, 0 (none) to 2 (twice) */
  double smoothing; /* 0 (keypoints as they are) to 1 (as steady as possible) */
  FomoFaceControls face;
} FomoCalibration;

/* What to draw over a frame. */
enum {
  FOMO_OVERLAY_KEYPOINTS = 1 << 0,
  FOMO_OVERLAY_MASK = 1 << 1,
  FOMO_OVERLAY_GRID = 1 << 2,
  FOMO_OVERLAY_OCCLUSION = 1 << 3,
  FOMO_OVERLAY_CROPS = 1 << 4,
  FOMO_OVERLAY_GUIDE = 1 << 5,
  FOMO_OVERLAY_STATS = 1 << 6
};

/* The overlays of one frame. */
typedef struct {
  uint32_t flags;   /* FOMO_OVERLAY_... */
  const char* text; /* what FOMO_OVERLAY_STATS shows: lines of ASCII */
} FomoOverlay;

/* A corner of a frame. */
typedef enum FOMO_INT {
  FOMO_CORNER_TOP_LEFT = 0,
  FOMO_CORNER_TOP_RIGHT,
  FOMO_CORNER_BOTTOM_LEFT,
  FOMO_CORNER_BOTTOM_RIGHT
} FomoCorner;

/* How a frame is marked as synthetic. */
typedef struct {
  int32_t imperceptible; /* 1: the pixel mark, which the eye does not see and a program finds */
  double letters; /* height of the letters AI as a fraction of the frame's shorter side; 0: none */
  FomoCorner corner; /* where the letters are */
} FomoMark;

/* An axis-parallel rectangle of a frame or picture, pixels. */
typedef struct {
  double x, y, width, height;
} FomoBox;

/* A square of a frame or picture, pixels. It may reach beyond the border. Size 0: no square. */
typedef struct {
  double cx, cy, size;
} FomoSquare;

/* One 8-bit component (Y, U, V or R, G, B) of a frame. The sample at x, y is
 * data[(y >> h_sub) * stride + (x >> w_sub) * pixel_stride]. Strides may be negative. */
typedef struct {
  const uint8_t* data;
  ptrdiff_t stride, pixel_stride; /* bytes */
  int32_t w_sub, h_sub;           /* log2 of the subsampling */
} FomoComponent;

/* The operation that turns a stored frame upright. The values are GstVideoOrientationMethod's. */
typedef enum FOMO_INT {
  FOMO_ORIENTATION_IDENTITY = 0,
  FOMO_ORIENTATION_90R, /* a quarter turn clockwise */
  FOMO_ORIENTATION_180,
  FOMO_ORIENTATION_90L,   /* a quarter turn anticlockwise */
  FOMO_ORIENTATION_HORIZ, /* mirrored left to right */
  FOMO_ORIENTATION_VERT,  /* mirrored top to bottom */
  FOMO_ORIENTATION_UL_LR, /* mirrored along the diagonal from the upper left */
  FOMO_ORIENTATION_UR_LL  /* mirrored along the diagonal from the upper right */
} FomoOrientation;

/* A frame in its own pixel format and orientation. Its pixels are square. */
typedef struct {
  int32_t width, height; /* as stored, pixels */
  int32_t components;    /* 1 (grey) or 3 */
  int32_t yuv;           /* 1: the components are Y, U, V; 0: R, G, B */
  int32_t full_range;    /* YUV only: 1: 0 to 255; 0: 16 to 235 */
  double kr, kb;         /* YUV only: weights of red and blue in the luma */
  FomoOrientation orientation;
  FomoComponent component[3];
} FomoFrame;

/* A driving frame and what the caller knows about it. */
typedef struct {
  FomoFrame frame;
  double seconds; /* stream time */
  FomoCrop crop;
  /* The square of FOMO_CROP_MANUAL: its centre as fractions of the upright width and height, its
   * side as a fraction of the shorter of the two. */
  double crop_x, crop_y, crop_size;
  double face_timeout;  /* seconds of search for a face until FomoFrameInfo::face_timed_out */
  const FomoBox* faces; /* faces that upstream found, pixels of the stored frame; may be NULL */
  int32_t face_count;   /* if not 0, the engine's detector does not run on this frame */
} FomoDriving;

/* Whether the driver's face is followed. */
typedef enum FOMO_INT {
  FOMO_FACE_SEARCHING = 0, /* no face was seen yet */
  FOMO_FACE_TRACKING,      /* a face is followed */
  FOMO_FACE_LOST           /* the face that was followed is gone */
} FomoFaceState;

/* What a frame changed about the driver's face. */
typedef enum FOMO_INT {
  FOMO_FACE_UNCHANGED = 0,
  FOMO_FACE_FOUND,    /* the first face was found */
  FOMO_FACE_LEFT,     /* the face left, or is hidden */
  FOMO_FACE_RETURNED, /* after FOMO_FACE_LEFT a face was found again */
  FOMO_FACE_CUT       /* the scene was cut; FomoFaceState says whether the new scene has a face */
} FomoFaceEvent;

/* The part of the stored frame that the model saw, in fractions of the stored width and height: the
 * corner that is top left in the upright frame, and the vectors of its top and left sides. */
typedef struct {
  double x, y;
  double right_x, right_y;
  double down_x, down_y;
} FomoFootprint;

/* What one call of stream_animate did. */
typedef struct {
  int32_t reference_set;  /* 1: this frame became the neutral pose */
  int32_t present;        /* 0: the driver's face is lost or not trusted, or no face was found */
  int32_t repeated;       /* 1: the output is that of the previous frame */
  double confidence;      /* how far the driving frame is trusted, 0 to 1 */
  FomoFaceState face;     /* SEARCHING if no face is followed */
  FomoFaceEvent event;    /* what changed with this frame */
  int32_t face_timed_out; /* 1: at this frame the search has lasted for face_timeout */
  FomoSquare square;      /* the followed or manual crop in the upright frame; else no square */
  double roll;            /* of the crop, radians; positive: clockwise on the screen */
  /* Not IDENTITY: the operation that would turn the driver's face upright, which has lain or stood
   * on its head since it was found, some time ago. Reported once for each video. */
  FomoOrientation lies;
  FomoFootprint footprint; /* the part that the model saw; zeros if the model saw nothing */
  double input_ms, keypoints_ms, motion_ms, generator_ms, compose_ms, total_ms; /* milliseconds */
} FomoFrameInfo;

/* How motion is coded. */
typedef struct {
  int32_t quantiser; /* 0 (exact) to FOMO_MOST_QUANTISER (coarse) */
  int32_t refresh;   /* frames from one packet that stands alone to the next, at least 1 */
  int32_t jacobians; /* 0: keypoints alone */
} FomoMotionCoding;

#define FOMO_MOST_QUANTISER 8

/* What the packet of a frame begins with: the type of an SEI message. */
#define FOMO_MOTION_PAYLOAD_TYPE 223

/* The packet with the stream's header is an SEI message of the type user_data_unregistered with
 * this UUID, a random one (version 4). */
#define FOMO_MOTION_HEADER_TYPE 5
#define FOMO_MOTION_HEADER_UUID                                                                    \
  { 0x5e, 0x1c, 0x7b, 0x0d, 0x9a, 0x42, 0x4f, 0x3e, 0x8b, 0x66, 0x2f, 0x4d, 0x6f, 0x6d, 0x6f, 0x31 }

/* What a stream of motion begins with. */
typedef struct {
  char model_name[256];
  char model_sha256[65]; /* hexadecimal; empty: unknown */
  int32_t num_kp;
  int32_t tick_num, tick_den; /* length of a tick, seconds */
} FomoMotionHeader;

/* Bytes that their encoder owns until its next call. */
typedef struct {
  const uint8_t* data;
  size_t size;
  int32_t alone; /* 1: the packet can be decoded without any other */
} FomoPacket;

/* What a packet was. */
typedef enum FOMO_INT {
  FOMO_PACKET_FRAME = 0,
  FOMO_PACKET_CONCEALED, /* a frame that cannot be decoded; its motion is made up */
  FOMO_PACKET_HEADER,
  FOMO_PACKET_IGNORED /* a duplicate, a packet that comes too late, or something else */
} FomoPacketKind;

/* What motion_decode found. */
typedef struct {
  FomoPacketKind kind;
  int32_t alone; /* 1: a frame that needs no other */
  int32_t ticks; /* since the packet before */
  int32_t lost;  /* packets before this one that did not arrive */
  FomoFaceState face;
  FomoFaceEvent event;
  FomoMotionHeader header; /* of FOMO_PACKET_HEADER */
} FomoPacketInfo;

/* Receives log messages, from any thread. level: 1 error, 2 warning, 4 info, 5 debug, as in
 * GStreamer. */
typedef void (*FomoLogFunction)(int level, const char* message, void* user_data);

/* Is told that a thread begins (1) or has ceased (0) to wait for a file system. If it returns
 * another number than 0, the function that the thread has called gives up with an error. Must not
 * throw. */
typedef int (*FomoFileWaits)(void* user_data, int begins);

/* The functions of the engine. Every function with a FomoError sets it to FOMO_OK or fills it;
 * `error` may be NULL. Functions that return a pointer return NULL on failure. */
typedef struct {
  uint32_t abi;  /* FOMO_ENGINE_ABI of the library */
  uint32_t size; /* sizeof (FomoEngineApi) of the library */

  /* Sets the function that receives all log messages; NULL drops them. */
  void (*set_log)(FomoLogFunction function, void* user_data);

  /* Has `waits` called around each wait of the calling thread for a file system, from now on. NULL:
   * for none. */
  void (*watch_files)(FomoFileWaits waits, void* user_data);

  /* Loads weights, or shares them with an open model of the same options; may take seconds. */
  FomoModel* (*model_open)(const FomoModelOptions* options, FomoError* error);
  void (*model_close)(FomoModel* model);
  FomoStatus (*model_describe)(const FomoModel* model, FomoModelInfo* info, FomoError* error);

  /* Decodes a picture file (EXIF orientation applied; 16 bits, palette, grey, alpha accepted). */
  FomoPicture* (*picture_load)(const char* path, FomoError* error);
  /* Decodes a picture file in memory. `name` identifies the file in error messages. */
  FomoPicture* (*picture_decode)(const uint8_t* data, size_t size, const char* name,
                                 FomoError* error);
  /* Makes a picture from a copy of the pixels. */
  FomoPicture* (*picture_from_pixels)(const FomoConstImage* image, FomoError* error);
  void (*picture_free)(FomoPicture* picture);

  /* Finds faces if `framing` asks for them, and computes what all driving frames need of the
   * picture. May run during stream_animate. Output frames show the one crop as the model generates
   * it. */
  FomoSource* (*source_encode)(const FomoModel* model, const FomoPicture* picture,
                               const FomoFraming* framing, FomoError* error);
  /* Prepares a source for output frames as `presentation` describes them. The result shares the
   * encoded picture with `source`. May run during stream_animate. */
  FomoSource* (*source_present)(const FomoSource* source, const FomoPresentation* presentation,
                                FomoError* error);
  FomoStatus (*source_describe)(const FomoSource* source, FomoSourceInfo* info, FomoError* error);
  void (*source_free)(FomoSource* source);

  /* Detects the keypoints of a still picture, for stream_set_reference. May run during
   * stream_animate. */
  FomoPose* (*pose_detect)(const FomoModel* model, const FomoPicture* picture,
                           const FomoFraming* framing, FomoError* error);
  void (*pose_free)(FomoPose* pose);

  /* Makes a stream and loads the face detector, so that stream_animate loads nothing. */
  FomoStream* (*stream_new)(const FomoModel* model, FomoError* error);
  void (*stream_free)(FomoStream* stream);
  /* Calls on one stream must not overlap. Different streams are independent. */
  /* Prepares for another video, or for a seek: forgets everything about the driver but a pose of
   * stream_set_reference. */
  FomoStatus (*stream_restart)(FomoStream* stream, FomoError* error);
  /* The next frame that is trusted becomes the neutral pose. */
  FomoStatus (*stream_reset_reference)(FomoStream* stream, FomoError* error);
  /* `pose` becomes the neutral pose until stream_reset_reference. */
  FomoStatus (*stream_set_reference)(FomoStream* stream, const FomoPose* pose, FomoError* error);
  /* Follows the driver, animates one frame and writes it to `output`, which has the size and
   * channels of the source's presentation. `overlay` and `mark` may be NULL. */
  FomoStatus (*stream_animate)(FomoStream* stream, const FomoSource* source,
                               const FomoDriving* driving, const FomoCalibration* calibration,
                               const FomoOverlay* overlay, const FomoMark* mark,
                               const FomoImage* output, FomoFrameInfo* info, FomoError* error);

  /* stream_animate consists of these two, which may be called with different streams of models with
   * the same weights. Each fills its part of `info`. */
  /* Follows the driver and detects the keypoints of one frame. */
  FomoMotionFrame* (*motion_read)(FomoStream* stream, const FomoDriving* driving,
                                  FomoFrameInfo* info, FomoError* error);
  /* Animates one frame by motion. Face i of the source moves by motions[i]; the faces from the last
   * one of `count` (at least 1) on all move by the last one. A face whose motion is NULL has no
   * driver yet and rests. Motion of another number of keypoints is an error. */
  FomoStatus (*motion_animate)(FomoStream* stream, const FomoSource* source,
                               const FomoMotionFrame* const* motions, int32_t count,
                               const FomoCalibration* calibration, const FomoOverlay* overlay,
                               const FomoMark* mark, const FomoImage* output, FomoFrameInfo* info,
                               FomoError* error);
  void (*motion_free)(FomoMotionFrame* motion);

  /* Calls on one encoder or decoder must not overlap. */
  FomoMotionEncoder* (*motion_encoder_new)(const FomoMotionCoding* coding, FomoError* error);
  void (*motion_encoder_free)(FomoMotionEncoder* encoder);
  /* Changes the coding from the next frame on. `refresh` not 0: the next packet stands alone. */
  FomoStatus (*motion_encoder_set)(FomoMotionEncoder* encoder, const FomoMotionCoding* coding,
                                   int32_t refresh, FomoError* error);
  /* The packet that a stream begins with. */
  FomoStatus (*motion_encode_header)(FomoMotionEncoder* encoder, const FomoMotionHeader* header,
                                     FomoPacket* packet, FomoError* error);
  /* The packet of the next frame, `ticks` after the one before. */
  FomoStatus (*motion_encode)(FomoMotionEncoder* encoder, const FomoMotionFrame* motion,
                              int32_t ticks, FomoPacket* packet, FomoError* error);

  /* For motion of `num_kp` keypoints. */
  FomoMotionDecoder* (*motion_decoder_new)(int32_t num_kp, FomoError* error);
  void (*motion_decoder_free)(FomoMotionDecoder* decoder);
  /* Prepares for another stream, or for a seek. */
  FomoStatus (*motion_decoder_reset)(FomoMotionDecoder* decoder, FomoError* error);
  /* Decodes one packet, of the time `seconds`. The bytes may be anything. The result is NULL
   * without an error if the packet is not a frame. `size` 0: no packet has come for this time; the
   * frame is concealed, and packets that come later are decoded as if this call had not been. */
  FomoMotionFrame* (*motion_decode)(FomoMotionDecoder* decoder, const uint8_t* data, size_t size,
                                    double seconds, FomoPacketInfo* info, FomoError* error);
  /* The length of the packet that begins at `data`: 0 if `size` bytes do not hold all of it, -1 if
   * it is not a packet. */
  int64_t (*motion_packet_length)(const uint8_t* data, size_t size);
} FomoEngineApi;

/* The function that libfomoengine exports under the name FOMO_ENGINE_ENTRY. Returns NULL if the
 * library does not support `abi`. */
typedef const FomoEngineApi* (*FomoEngineGetApi)(uint32_t abi);

#ifdef __cplusplus
}
#endif

#endif
