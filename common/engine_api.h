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

#define FOMO_ENGINE_ABI 1u
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
typedef struct FomoStream FomoStream;   /* one driving video: reference pose and workspace */

typedef enum {
  FOMO_PRECISION_AUTO = 0,
  FOMO_PRECISION_FP32,
  FOMO_PRECISION_FP16,
  FOMO_PRECISION_BF16
} FomoPrecision;

typedef enum {
  FOMO_CROP_NONE = 0, /* squash the whole picture, as the official demo does */
  FOMO_CROP_CENTER    /* the largest centred square */
} FomoCrop;

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
  int32_t shared; /* 1: another element had these weights loaded already */
  double load_ms;
} FomoModelInfo;

/* How driving motion becomes the picture's motion; may change with every frame. */
typedef struct {
  int32_t relative;          /* 0: absolute keypoints */
  int32_t relative_jacobian; /* 0: the driving frame's Jacobians as they are */
  int32_t adapt_scale;       /* scale motion by the ratio of the keypoints' convex hulls */
} FomoMotion;

/* What one call of stream_animate did; times in milliseconds. */
typedef struct {
  int32_t reference_set; /* 1: this frame became the neutral pose */
  double keypoints_ms, motion_ms, generator_ms, total_ms;
} FomoFrameInfo;

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

  /* Everything of a picture that driving frames need, computed once. May run beside stream_animate.
   */
  FomoSource* (*source_encode)(FomoModel* model, const FomoPicture* picture, FomoCrop crop,
                               FomoError* error);
  void (*source_free)(FomoSource* source);

  FomoStream* (*stream_new)(FomoModel* model, FomoError* error);
  void (*stream_free)(FomoStream* stream);
  /* The next frame becomes the neutral pose of relative motion. */
  void (*stream_reset_reference)(FomoStream* stream);
  /* One frame: `driving` and `output` have 3 channels and the model's size (FomoModelInfo).
   * Calls on one stream must not overlap; different streams are independent. */
  FomoStatus (*stream_animate)(FomoStream* stream, const FomoSource* source,
                               const FomoMotion* motion, const FomoImage* driving,
                               const FomoImage* output, FomoFrameInfo* info, FomoError* error);
} FomoEngineApi;

/* Exported by libfomoengine under FOMO_ENGINE_ENTRY. NULL when `abi` is not one it speaks. */
typedef const FomoEngineApi* (*FomoEngineGetApi)(uint32_t abi);

#ifdef __cplusplus
}
#endif

#endif
