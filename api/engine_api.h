/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The boundary between the GStreamer plugin and the engine library: plain C, versioned. The plugin
 * links neither LibTorch nor OpenCV and reports clearly why the engine cannot be opened. No
 * function lets a C++ exception out; each function that can fail fills a FomoError.
 *
 * FOMO_ENGINE_ABI changes with every change of a layout or a meaning in this file: plugin and
 * engine of one build belong together. */
#ifndef FOMO_ENGINE_API_H
#define FOMO_ENGINE_API_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define FOMO_ENGINE_ABI 3u
#define FOMO_ENGINE_ENTRY "fomo_engine_get_api"
#define FOMO_MESSAGE_SIZE 1024

/* Outcome of a call, one value for each GStreamer error code that the element posts. */
typedef enum {
  FOMO_OK = 0,
  FOMO_NOT_FOUND,  /* no such file or device           RESOURCE, NOT_FOUND */
  FOMO_OPEN_READ,  /* it is there but cannot be read   RESOURCE, OPEN_READ */
  FOMO_WRONG_TYPE, /* it is something else             STREAM, WRONG_TYPE */
  FOMO_SETTINGS,   /* settings that do not go together RESOURCE, SETTINGS */
  FOMO_NO_MEMORY,  /* host or device memory is spent   RESOURCE, NO_SPACE_LEFT */
  FOMO_LIBRARY,    /* a run-time library is missing    LIBRARY, INIT */
  FOMO_FAILED      /* anything else                    STREAM, FAILED */
} FomoStatus;

/* Why a call failed: the thing, the reason and the remedy in one or two sentences, UTF-8. */
typedef struct {
  FomoStatus status;
  char message[FOMO_MESSAGE_SIZE];
} FomoError;

typedef struct FomoModel FomoModel; /* weights on a device; thread-safe, shared behind the scenes */
typedef struct FomoPicture FomoPicture; /* a decoded picture, any size; immutable */
typedef struct FomoSource FomoSource;   /* a picture encoded by a model; immutable */
typedef struct FomoPose FomoPose;       /* the keypoints of a still picture; immutable */
typedef struct FomoStream FomoStream; /* one driving video: its driver, reference pose, workspace */

typedef enum {
  FOMO_PRECISION_AUTO = 0,
  FOMO_PRECISION_FP32,
  FOMO_PRECISION_FP16,
  FOMO_PRECISION_BF16
} FomoPrecision;

/* The part of a picture or of driving frames that the model sees. */
typedef enum {
  FOMO_CROP_NONE = 0, /* everything, squashed into the model's shape, as the official demo does */
  FOMO_CROP_CENTER,   /* the largest centred square */
  FOMO_CROP_FACE,     /* a square around a face, as VoxCeleb frames it; it follows the driver */
  FOMO_CROP_AUTO,  /* FACE for a model of faces (of a picture: where it has a face), else CENTER */
  FOMO_CROP_MANUAL /* of driving frames the square that FomoDriving gives; of a picture AUTO */
} FomoCrop;

#define FOMO_ALL_FACES (-1)

typedef struct {
  FomoCrop crop;
  int32_t face_index; /* which face, counted from the largest, or FOMO_ALL_FACES */
} FomoFraming;

/* Pixels of 8 bits a channel, interleaved R, G, B (channels 3) or R, G, B, A (channels 4). */
typedef struct {
  uint8_t* data;
  int32_t width, height; /* pixels */
  ptrdiff_t stride;      /* bytes from row to row */
  int32_t channels;
} FomoImage;

/* The same to be read only. */
typedef struct {
  const uint8_t* data;
  int32_t width, height;
  ptrdiff_t stride;
  int32_t channels;
} FomoConstImage;

typedef struct {
  const char* model;  /* a checkpoint file, or "builtin" */
  const char* config; /* a FOMM YAML file, or NULL: from the weights */
  const char* device; /* "auto", "cpu", "cuda" or "cuda:N" */
  FomoPrecision precision;
  int32_t threads;       /* CPU threads of the engine, 0: all cores */
  int32_t align_corners; /* of grid_sample: 1 as the published weights were trained */
  int32_t deterministic; /* 1: the same results on every run and with any number of threads */
} FomoModelOptions;

typedef struct {
  char name[256];        /* "builtin", a published checkpoint's name, or the file's base name */
  char container[32];    /* "legacy", "zip", "safetensors" */
  char device[32];       /* "cpu", "cuda:0" */
  char precision[8];     /* "fp32", "fp16", "bf16" */
  int32_t width, height; /* of the frames that go in and come out, pixels */
  int32_t num_kp;
  int32_t about_faces; /* 0: the model is known to animate something else */
  int32_t shared;      /* 1: another element had these weights loaded already */
  double load_ms;
} FomoModelInfo;

typedef struct {
  int32_t width, height; /* of the picture, pixels */
  int32_t has_alpha;     /* 1: it has transparency */
  FomoCrop crop;         /* NONE, CENTER or FACE */
  int32_t faces;         /* number of faces that move */
  int32_t faces_found;   /* number of faces in the picture; -1: not searched for */
} FomoSourceInfo;

/* What output frames show of a source. */
typedef struct {
  int32_t whole_picture; /* 1: the animated crops in their picture; 0: the one crop alone */
  int32_t detail;        /* 1: fine detail is taken from the picture itself */
  int32_t width, height; /* of the frames, pixels; 0: the picture's own, or the model's of a crop */
  int32_t channels;      /* 3, or 4 with straight alpha */
  int32_t plate;         /* 1: what is behind the person is shown where the person has been */
} FomoPresentation;

/* How driving motion becomes the picture's motion. */
typedef struct {
  int32_t relative;          /* 0: absolute keypoints */
  int32_t relative_jacobian; /* 0: the driving frame's Jacobians as they are */
  int32_t adapt_scale;       /* scale motion by the ratio of the keypoints' convex hulls */
} FomoMotion;

/* Which driving frame is the neutral pose of relative motion. */
typedef enum {
  FOMO_REFERENCE_FIRST = 0, /* the first one, until it is reset */
  FOMO_REFERENCE_AUTO,      /* whichever comes nearer to the picture's pose; anew after a cut */
  FOMO_REFERENCE_MANUAL     /* the one of stream_reset_reference or stream_set_reference */
} FomoReference;

/* What the picture does while the driver's face is not there. */
typedef enum {
  FOMO_LOST_HOLD = 0, /* keeps the last pose */
  FOMO_LOST_RELAX,    /* glides back to the picture at rest */
  FOMO_LOST_FREEZE    /* shows the last frame again */
} FomoLost;

/* May change with every frame. */
typedef struct {
  FomoMotion motion;
  FomoReference reference;
  FomoLost on_lost;
  double strength;  /* 0 (at rest) to 2 (twice the motion), 1 as it is */
  double smoothing; /* 0 (keypoints as they are) to 1 */
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

typedef struct {
  uint32_t flags;   /* FOMO_OVERLAY_... */
  const char* text; /* of FOMO_OVERLAY_STATS, lines of ASCII */
} FomoOverlay;

/* An upright rectangle of a frame or picture, pixels. */
typedef struct {
  double x, y, width, height;
} FomoBox;

/* A square of a frame or picture, pixels; it may reach beyond the border. size 0: none. */
typedef struct {
  double cx, cy, size;
} FomoSquare;

/* One 8-bit component (Y, U, V or R, G, B) of a frame: its sample x, y is
 * data[(y >> h_sub) * stride + (x >> w_sub) * pixel_stride]; strides may be negative. */
typedef struct {
  const uint8_t* data;
  ptrdiff_t stride, pixel_stride; /* bytes */
  int32_t w_sub, h_sub;           /* log2 of the subsampling */
} FomoComponent;

/* What turns a stored frame upright; the values of GstVideoOrientationMethod. */
typedef enum {
  FOMO_ORIENTATION_IDENTITY = 0,
  FOMO_ORIENTATION_90R, /* a quarter turn clockwise */
  FOMO_ORIENTATION_180,
  FOMO_ORIENTATION_90L,   /* a quarter turn anticlockwise */
  FOMO_ORIENTATION_HORIZ, /* mirrored left to right */
  FOMO_ORIENTATION_VERT,  /* mirrored top to bottom */
  FOMO_ORIENTATION_UL_LR, /* mirrored along the diagonal from the upper left */
  FOMO_ORIENTATION_UR_LL  /* mirrored along the diagonal from the upper right */
} FomoOrientation;

/* A frame with square pixels in its own format, as it is stored. */
typedef struct {
  int32_t width, height;
  int32_t components; /* 1: grey, the first component alone; 3 */
  int32_t yuv;
  int32_t full_range; /* of YUV: 0 to 255 instead of 16 to 235 */
  double kr, kb;      /* of YUV: the matrix */
  FomoOrientation orientation;
  FomoComponent component[3];
} FomoFrame;

/* A driving frame and what is known about it. */
typedef struct {
  FomoFrame frame;
  double seconds; /* stream time */
  FomoCrop crop;
  double crop_x,
      crop_y;           /* of FOMO_CROP_MANUAL: centre, fractions of the upright width and height */
  double crop_size;     /* side, a fraction of the shorter of these */
  double face_timeout;  /* seconds without any face until FomoFrameInfo says face_timed_out */
  const FomoBox* faces; /* found upstream, in the stored frame; if any, no others are looked for */
  int32_t face_count;
} FomoDriving;

typedef enum {
  FOMO_FACE_SEARCHING = 0, /* none was seen yet */
  FOMO_FACE_TRACKING,
  FOMO_FACE_LOST /* it was there and is gone */
} FomoFaceState;

typedef enum {
  FOMO_FACE_UNCHANGED = 0,
  FOMO_FACE_FOUND,    /* the first face */
  FOMO_FACE_LEFT,     /* the face left, or is hidden */
  FOMO_FACE_RETURNED, /* a face is there again */
  FOMO_FACE_CUT       /* another scene; the state says whether it has a face */
} FomoFaceEvent;

/* The part of the stored frame that the model saw, as fractions of the stored width and height: the
 * corner that is top left in the upright frame, and the two sides that begin there. */
typedef struct {
  double x, y;
  double right_x, right_y;
  double down_x, down_y;
} FomoFootprint;

/* What one call of stream_animate did. */
typedef struct {
  int32_t reference_set;  /* 1: this frame became the neutral pose */
  int32_t present;        /* 0: the driver's face is not there, or is not trusted */
  int32_t repeated;       /* 1: the frame before is shown again */
  double confidence;      /* in the driving frame, 0 to 1 */
  FomoFaceState face;     /* SEARCHING too where no face is followed */
  FomoFaceEvent event;    /* what changed with this frame */
  int32_t face_timed_out; /* 1: with this frame the search has lasted for face_timeout */
  FomoSquare square; /* of the upright frame, that the model saw; none: crop NONE, or at rest */
  FomoFootprint footprint;
  /* milliseconds */
  double input_ms, keypoints_ms, motion_ms, generator_ms, compose_ms, total_ms;
} FomoFrameInfo;

/* level: 1 error, 2 warning, 4 info, 5 debug (GStreamer's numbers). Called from any thread. */
typedef void (*FomoLogFunction)(int level, const char* message, void* user_data);

/* Every function with a FomoError leaves it FOMO_OK or fills it; `error` may be NULL. */
typedef struct {
  uint32_t abi;  /* FOMO_ENGINE_ABI of the library */
  uint32_t size; /* sizeof (FomoEngineApi) of the library: members beyond it are not there */

  void (*set_log)(FomoLogFunction function, void* user_data);

  /* Loads or shares weights; may take seconds. NULL on failure. */
  FomoModel* (*model_open)(const FomoModelOptions* options, FomoError* error);
  void (*model_close)(FomoModel* model);
  FomoStatus (*model_describe)(const FomoModel* model, FomoModelInfo* info, FomoError* error);

  /* Decodes a picture file (EXIF orientation applied; 16 bits, palette, grey, alpha accepted). */
  FomoPicture* (*picture_load)(const char* path, FomoError* error);
  /* Decodes a picture file in memory; `name` stands in error messages. */
  FomoPicture* (*picture_decode)(const uint8_t* data, size_t size, const char* name,
                                 FomoError* error);
  /* Copies pixels. */
  FomoPicture* (*picture_from_pixels)(const FomoConstImage* image, FomoError* error);
  void (*picture_free)(FomoPicture* picture);

  /* Finds faces where `framing` asks for them and computes once what driving frames need of the
   * picture. May run beside stream_animate. Frames show the one crop as the model generates it. */
  FomoSource* (*source_encode)(const FomoModel* model, const FomoPicture* picture,
                               const FomoFraming* framing, FomoError* error);
  /* The same source prepared for other frames. May run beside stream_animate. */
  FomoSource* (*source_present)(const FomoSource* source, const FomoPresentation* presentation,
                                FomoError* error);
  FomoStatus (*source_describe)(const FomoSource* source, FomoSourceInfo* info, FomoError* error);
  void (*source_free)(FomoSource* source);

  /* Detects a still picture's keypoints, to be a neutral pose. May run beside stream_animate. */
  FomoPose* (*pose_detect)(const FomoModel* model, const FomoPicture* picture,
                           const FomoFraming* framing, FomoError* error);
  void (*pose_free)(FomoPose* pose);

  /* Loads what following a face needs, so that stream_animate loads nothing. */
  FomoStream* (*stream_new)(const FomoModel* model, FomoError* error);
  void (*stream_free)(FomoStream* stream);
  /* Calls on one stream must not overlap; different streams are independent. */
  /* Another video, or a seek: forgets the driver, but for a pose that was set. */
  FomoStatus (*stream_restart)(FomoStream* stream, FomoError* error);
  /* The next frame that is trusted becomes the neutral pose. */
  FomoStatus (*stream_reset_reference)(FomoStream* stream, FomoError* error);
  /* `pose` becomes the neutral pose until stream_reset_reference. */
  FomoStatus (*stream_set_reference)(FomoStream* stream, const FomoPose* pose, FomoError* error);
  /* Follows the driver, animates one frame and writes it to `output`, which has the size and
   * channels of the source's presentation. `overlay` may be NULL. */
  FomoStatus (*stream_animate)(FomoStream* stream, const FomoSource* source,
                               const FomoDriving* driving, const FomoCalibration* calibration,
                               const FomoOverlay* overlay, const FomoImage* output,
                               FomoFrameInfo* info, FomoError* error);
} FomoEngineApi;

/* Exported by libfomoengine under FOMO_ENGINE_ENTRY. NULL when `abi` is not one it speaks. */
typedef const FomoEngineApi* (*FomoEngineGetApi)(uint32_t abi);

#ifdef __cplusplus
}
#endif

#endif
