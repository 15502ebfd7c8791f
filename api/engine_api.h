/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The one boundary between the GStreamer plugin and the engine library: plain C, versioned, so that
 * the plugin links neither LibTorch nor OpenCV and says clearly what is wrong when the engine
 * cannot be opened. No function lets a C++ exception out; each that can fail fills a FomoError. */
#ifndef FOMO_ENGINE_API_H
#define FOMO_ENGINE_API_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define FOMO_ENGINE_ABI 2u
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
typedef struct FomoStream FomoStream;   /* one driving video: reference pose and workspace */
typedef struct FomoTracker FomoTracker; /* follows a face through driving frames */

typedef enum {
  FOMO_PRECISION_AUTO = 0,
  FOMO_PRECISION_FP32,
  FOMO_PRECISION_FP16,
  FOMO_PRECISION_BF16
} FomoPrecision;

/* The part of a picture that the model sees. */
typedef enum {
  FOMO_CROP_NONE = 0, /* the whole picture, squashed, as the official demo does */
  FOMO_CROP_CENTER,   /* the largest centred square */
  FOMO_CROP_FACE,     /* a square around a face, as VoxCeleb frames it */
  FOMO_CROP_AUTO      /* FACE where a face is found, else CENTER */
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

typedef struct {
  const char* model;  /* a checkpoint file, or "builtin" */
  const char* config; /* a FOMM YAML file, or NULL: from the weights */
  const char* device; /* "auto", "cpu", "cuda" or "cuda:N" */
  FomoPrecision precision;
  int32_t threads;       /* CPU threads of the engine, 0: all cores */
  int32_t align_corners; /* of grid_sample: 1 as the published weights were trained */
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
  FomoCrop crop;         /* that was taken: not AUTO */
  int32_t faces;         /* that move */
  int32_t faces_found;   /* in the picture; -1: nobody looked */
} FomoSourceInfo;

/* How frames show a source. */
typedef struct {
  int32_t whole_picture; /* the crops in their picture, not one crop alone */
  int32_t detail;        /* fine detail comes from the picture itself */
  int32_t width, height; /* of the frames, pixels; 0: the picture's own, or the model's of a crop */
  int32_t channels;      /* 3, or 4 with straight alpha */
} FomoView;

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
  FOMO_REFERENCE_MANUAL     /* the one that stream_reset_reference or stream_set_reference names */
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
  int32_t guard;    /* 1: keep motion within what faces do, and act where it is not to be trusted */
} FomoCalibration;

/* A square of a frame, pixels; it may leave the frame. size 0: none. */
typedef struct {
  double cx, cy, size;
} FomoSquare;

/* What a driving frame shows. */
typedef struct {
  FomoImage image;        /* RGB of the model's size; no data: nobody yet, the picture rests */
  FomoSquare crop;        /* of the frame, where `image` is from; none: the same in all frames */
  double face_confidence; /* of the tracker, 0 to 1; below 0: nobody looked */
  double seconds;         /* stream time */
  int32_t new_scene;      /* 1: a cut, or a face was found or has returned */
} FomoDriving;

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

/* What one call of stream_animate did; times in milliseconds. */
typedef struct {
  int32_t reference_set; /* 1: this frame became the neutral pose */
  int32_t present;       /* 0: the driver's face is not there, or not to be trusted */
  int32_t repeated;      /* 1: the last frame again */
  double confidence;     /* in the driving frame, 0 to 1 */
  double keypoints_ms, motion_ms, generator_ms, compose_ms, total_ms;
} FomoFrameInfo;

/* One 8-bit component (Y, U, V or R, G, B) of a frame: its sample x, y is
 * data[(y >> h_sub) * stride + (x >> w_sub) * pixel_stride]; strides may be negative. */
typedef struct {
  const uint8_t* data;
  ptrdiff_t stride, pixel_stride; /* bytes */
  int32_t w_sub, h_sub;           /* log2 of the subsampling */
} FomoComponent;

/* A driving frame in its own format, nothing converted yet. */
typedef struct {
  int32_t width, height;
  int32_t components; /* 1: grey, the first component alone; 3 */
  int32_t yuv;
  int32_t full_range; /* of YUV: 0 to 255 instead of 16 to 235 */
  double kr, kb;      /* of YUV: the matrix */
  FomoComponent component[3];
} FomoFrame;

/* An upright rectangle of a frame, pixels. */
typedef struct {
  double x, y, width, height;
} FomoBox;

typedef enum {
  FOMO_FACE_SEARCHING = 0, /* none was seen yet */
  FOMO_FACE_TRACKING,
  FOMO_FACE_LOST /* it was there and is gone */
} FomoFaceState;

typedef enum {
  FOMO_FACE_UNCHANGED = 0,
  FOMO_FACE_FOUND,    /* the first one */
  FOMO_FACE_LEFT,     /* it left, or hides */
  FOMO_FACE_RETURNED, /* one is there again */
  FOMO_FACE_CUT       /* another scene; `state` says whether it has a face */
} FomoFaceEvent;

/* The driver's face in one frame. */
typedef struct {
  FomoFaceState state;
  FomoFaceEvent event;
  FomoBox box;       /* where it is, or was last */
  FomoSquare crop;   /* the steady square around it; none while searching */
  double confidence; /* 0 to 1 */
} FomoFace;

/* level: 1 error, 2 warning, 4 info, 5 debug (GStreamer's numbers). Called from any thread. */
typedef void (*FomoLogFunction)(int level, const char* message, void* user_data);

typedef struct {
  uint32_t abi;  /* FOMO_ENGINE_ABI of the library */
  uint32_t size; /* sizeof (FomoEngineApi) of the library: members beyond it are not there */

  void (*set_log)(FomoLogFunction function, void* user_data);

  /* Loads or shares weights; may take seconds. NULL on failure. */
  FomoModel* (*model_open)(const FomoModelOptions* options, FomoError* error);
  void (*model_close)(FomoModel* model);
  void (*model_describe)(const FomoModel* model, FomoModelInfo* info);

  /* Decodes a picture file (EXIF orientation applied, 16 bits, palette, grey and alpha accepted).
   */
  FomoPicture* (*picture_load)(const char* path, FomoError* error);
  /* The same from a picture file in memory; `name` stands in error messages. */
  FomoPicture* (*picture_decode)(const uint8_t* data, size_t size, const char* name,
                                 FomoError* error);
  /* Copies pixels. */
  FomoPicture* (*picture_from_pixels)(const FomoImage* image, FomoError* error);
  void (*picture_free)(FomoPicture* picture);

  /* Finds faces where `framing` asks for them and computes once what driving frames need of the
   * picture. May run beside stream_animate. Frames show the crop alone, as the model paints it. */
  FomoSource* (*source_encode)(FomoModel* model, const FomoPicture* picture,
                               const FomoFraming* framing, FomoError* error);
  /* The same source prepared for frames as `view` says. May run beside stream_animate. */
  FomoSource* (*source_with_view)(const FomoSource* source, const FomoView* view, FomoError* error);
  void (*source_describe)(const FomoSource* source, FomoSourceInfo* info);
  void (*source_free)(FomoSource* source);

  /* A still picture's keypoints, to be a neutral pose. May run beside stream_animate. */
  FomoPose* (*pose_detect)(FomoModel* model, const FomoPicture* picture, const FomoFraming* framing,
                           FomoError* error);
  void (*pose_free)(FomoPose* pose);

  FomoStream* (*stream_new)(FomoModel* model, FomoError* error);
  void (*stream_free)(FomoStream* stream);
  /* Calls on one stream must not overlap; different streams are independent. */
  /* Another video, or a seek: forgets the driver, but for a pose that was set. */
  void (*stream_restart)(FomoStream* stream);
  /* The next frame that can be trusted becomes the neutral pose. */
  void (*stream_reset_reference)(FomoStream* stream);
  /* `pose` becomes the neutral pose. */
  void (*stream_set_reference)(FomoStream* stream, const FomoPose* pose);
  /* One frame: `output` has the size and channels of the source's view. `overlay` may be null. */
  FomoStatus (*stream_animate)(FomoStream* stream, const FomoSource* source,
                               const FomoDriving* driving, const FomoCalibration* calibration,
                               const FomoOverlay* overlay, const FomoImage* output,
                               FomoFrameInfo* info, FomoError* error);

  FomoTracker* (*tracker_new)(FomoError* error);
  void (*tracker_free)(FomoTracker* tracker);
  /* Forgets everything, as before the first frame. */
  void (*tracker_reset)(FomoTracker* tracker);
  /* Follows the driver's face into the next frame. `given`: faces that somebody else has found in
   * it; if there are any, nobody looks for more. */
  FomoStatus (*tracker_update)(FomoTracker* tracker, const FomoFrame* frame, double seconds,
                               const FomoBox* given, int32_t given_count, FomoFace* face,
                               FomoError* error);
  /* The square of a frame scaled to `out` (RGB); what lies beyond the frame repeats its border. */
  void (*frame_read)(const FomoFrame* frame, const FomoSquare* square, const FomoImage* out);
} FomoEngineApi;

/* Exported by libfomoengine under FOMO_ENGINE_ENTRY. NULL when `abi` is not one it speaks. */
typedef const FomoEngineApi* (*FomoEngineGetApi)(uint32_t abi);

#ifdef __cplusplus
}
#endif

#endif
