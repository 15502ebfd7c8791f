/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "fake-engine.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fake-reader.h"

#define EXPORT __attribute__((visibility("default")))

struct FomoModel {
  int width, height, delay_us, faces, leans, named;
  int encode_fail, stream_fail, animate_fail;
};

struct FomoPicture {
  uint8_t color[3];
  int width, height, channels;
};

struct FomoSource {
  int id; /* number of the encoded picture */
  uint8_t color[3];
  FomoSourceInfo info;
  FomoPresentation presentation; /* width 0: the model's output without presentation */
};

struct FomoPose {
  int color[3];
};

struct FomoStream {
  const FomoModel* model;
  gboolean has_reference, given;
  int reference[3];
  int source; /* id of the picture that was shown last, 0: none */
  FomoFaceState face;
  double searching_since; /* negative: not searching */
  gboolean timed_out;
};

EXPORT FakeEngine fake_engine;

static void count(int* what, int change) {
  g_mutex_lock(&fake_engine.lock);
  *what += change;
  g_cond_broadcast(&fake_engine.changed);
  g_mutex_unlock(&fake_engine.lock);
}

static void* fail(FomoError* error, FomoStatus status, const char* what, const char* name) {
  error->status = status;
  snprintf(error->message, sizeof(error->message), "fake: %s '%s'", what, name);
  return NULL;
}

static void set_log(FomoLogFunction function, void* user_data) {
  fake_engine.log = function;
  fake_engine.log_data = user_data;
}

static int option(const char* options, const char* key, int otherwise) {
  const char* found = strstr(options, key);
  return found ? atoi(found + strlen(key)) : otherwise;
}

static FomoModel* model_open(const FomoModelOptions* options, FomoError* error) {
  g_mutex_lock(&fake_engine.lock);
  g_strlcpy(fake_engine.model, options->model, sizeof(fake_engine.model));
  g_strlcpy(fake_engine.config, options->config ? options->config : "", sizeof(fake_engine.config));
  g_strlcpy(fake_engine.device, options->device, sizeof(fake_engine.device));
  fake_engine.precision = options->precision;
  fake_engine.threads = options->threads;
  fake_engine.align_corners = options->align_corners;
  g_mutex_unlock(&fake_engine.lock);

  /* ":fail=" and ",fail=" alike, but not "encode-fail=" */
  const int status = MAX(option(options->model, ":fail=", 0), option(options->model, ",fail=", 0));
  if (status)
    return fail(error, (FomoStatus)status, "no model", options->model);
  FomoModel* model = g_new0(FomoModel, 1);
  model->width = model->height = 64;
  const char* size = strstr(options->model, "size=");
  if (size)
    sscanf(size, "size=%dx%d", &model->width, &model->height);
  model->delay_us = option(options->model, "delay-us=", 0);
  model->faces = option(options->model, "faces=", 0);
  model->leans = option(options->model, "leans=", 0);
  model->named = option(options->model, "named=", 0);
  model->encode_fail = option(options->model, "encode-fail=", 0);
  model->stream_fail = option(options->model, "stream-fail=", 0);
  model->animate_fail = option(options->model, "animate-fail=", 0);
  count(&fake_engine.models, 1);
  count(&fake_engine.models_opened, 1);
  if (fake_engine.log)
    fake_engine.log(4, "fake: model opened", fake_engine.log_data);
  return model;
}

static void model_close(FomoModel* model) {
  count(&fake_engine.models, -1);
  g_free(model);
}

static FomoStatus model_describe(const FomoModel* model, FomoModelInfo* info, FomoError* error) {
  (void)error;
  memset(info, 0, sizeof(*info));
  g_strlcpy(info->name, "fake", sizeof(info->name));
  g_strlcpy(info->container, "none", sizeof(info->container));
  g_strlcpy(info->device, "cpu", sizeof(info->device));
  g_strlcpy(info->precision, "fp32", sizeof(info->precision));
  info->width = model->width;
  info->height = model->height;
  info->num_kp = 10;
  info->about_faces = model->faces > 0;
  info->named_kp = model->named;
  info->load_ms = 1.5;
  return FOMO_OK;
}

static FomoPicture* new_picture(int width, int height, int channels) {
  FomoPicture* picture = g_new0(FomoPicture, 1);
  picture->width = width;
  picture->height = height;
  picture->channels = channels;
  count(&fake_engine.pictures, 1);
  return picture;
}

static FomoPicture* picture_decode(const uint8_t* data, size_t size, const char* name,
                                   FomoError* error) {
  char text[64] = "";
  if (size > 0) /* data may be NULL */
    memcpy(text, data, size < sizeof text ? size : sizeof text - 1);
  int r, g, b;
  if (sscanf(text, "FAKE %d %d %d", &r, &g, &b) != 3)
    return fail(error, FOMO_OPEN_READ, "unreadable picture", name);
  FomoPicture* picture = new_picture(1, 1, 3);
  picture->color[0] = (uint8_t)r;
  picture->color[1] = (uint8_t)g;
  picture->color[2] = (uint8_t)b;
  return picture;
}

static _Thread_local FomoFileWaits file_waits;
static _Thread_local void* file_waits_data;

static void watch_files(FomoFileWaits waits, void* data) {
  file_waits = waits;
  file_waits_data = data;
}

static FomoPicture* picture_load(const char* path, FomoError* error) {
  if (file_waits && file_waits(file_waits_data, 1))
    return fail(error, FOMO_FAILED, "not wanted", path);
  g_mutex_lock(&fake_engine.lock);
  fake_engine.loads_held++;
  g_cond_broadcast(&fake_engine.changed);
  while (fake_engine.hold_loads)
    g_cond_wait(&fake_engine.changed, &fake_engine.lock);
  fake_engine.loads_held--;
  g_mutex_unlock(&fake_engine.lock);
  if (file_waits && file_waits(file_waits_data, 0))
    return fail(error, FOMO_FAILED, "not wanted", path);
  FILE* file = fopen(path, "r");
  if (!file)
    return fail(error, FOMO_NOT_FOUND, "no picture", path);
  uint8_t data[64];
  const size_t size = fread(data, 1, sizeof data, file);
  fclose(file);
  return picture_decode(data, size, path, error);
}

static void mean_color(const FomoConstImage* image, int mean[3]) {
  for (int c = 0; c < 3; c++) {
    long sum = 0;
    for (int y = 0; y < image->height; y++)
      for (int x = 0; x < image->width; x++)
        sum += image->data[y * image->stride + x * image->channels + c];
    mean[c] = (int)(sum / ((long)image->width * image->height));
  }
}

static FomoPicture* picture_from_pixels(const FomoConstImage* image, FomoError* error) {
  (void)error;
  int mean[3];
  mean_color(image, mean);
  FomoPicture* picture = new_picture(image->width, image->height, image->channels);
  for (int c = 0; c < 3; c++)
    picture->color[c] = (uint8_t)mean[c];
  return picture;
}

static void picture_free(FomoPicture* picture) {
  count(&fake_engine.pictures, -1);
  g_free(picture);
}

static FomoSource* source_encode(const FomoModel* model, const FomoPicture* picture,
                                 const FomoFraming* framing, FomoError* error) {
  g_mutex_lock(&fake_engine.lock);
  fake_engine.encodes_held++;
  g_cond_broadcast(&fake_engine.changed);
  while (fake_engine.hold_encodes)
    g_cond_wait(&fake_engine.changed, &fake_engine.lock);
  fake_engine.encodes_held--;
  fake_engine.framing = *framing;
  fake_engine.picture_width = picture->width;
  fake_engine.picture_height = picture->height;
  fake_engine.picture_channels = picture->channels;
  g_mutex_unlock(&fake_engine.lock);
  if (model->encode_fail)
    return fail(error, (FomoStatus)model->encode_fail, "no source", "picture");
  if (framing->crop == FOMO_CROP_FACE && model->faces == 0)
    return fail(error, FOMO_SETTINGS, "no face; set crop=center", "picture");
  FomoSource* source = g_new0(FomoSource, 1);
  memcpy(source->color, picture->color, 3);
  source->info.width = picture->width;
  source->info.height = picture->height;
  source->info.has_alpha = picture->channels == 4;
  source->info.crop = framing->crop == FOMO_CROP_AUTO || framing->crop == FOMO_CROP_MANUAL
                          ? (model->faces > 0 ? FOMO_CROP_FACE : FOMO_CROP_CENTER)
                          : framing->crop;
  source->info.faces = framing->face_index == FOMO_ALL_FACES ? MAX(model->faces, 1) : 1;
  source->info.faces_found = model->faces;
  source->info.leans = model->leans;
  count(&fake_engine.sources, 1);
  count(&fake_engine.sources_encoded, 1);
  g_mutex_lock(&fake_engine.lock);
  source->id = fake_engine.sources_encoded;
  g_mutex_unlock(&fake_engine.lock);
  return source;
}

static FomoSource* source_present(const FomoSource* source, const FomoPresentation* presentation,
                                  FomoError* error) {
  if (!presentation->whole_picture && source->info.faces > 1)
    return fail(error, FOMO_SETTINGS, "several faces", "presentation");
  FomoSource* presented = g_memdup2(source, sizeof(*source));
  presented->presentation = *presentation;
  count(&fake_engine.sources, 1);
  count(&fake_engine.presentations, 1);
  g_mutex_lock(&fake_engine.lock);
  fake_engine.presentation = *presentation;
  g_mutex_unlock(&fake_engine.lock);
  return presented;
}

static FomoStatus source_describe(const FomoSource* source, FomoSourceInfo* info,
                                  FomoError* error) {
  (void)error;
  *info = source->info;
  return FOMO_OK;
}

static void source_free(FomoSource* source) {
  count(&fake_engine.sources, -1);
  g_free(source);
}

static FomoPose* pose_detect(const FomoModel* model, const FomoPicture* picture,
                             const FomoFraming* framing, FomoError* error) {
  (void)model;
  (void)error;
  g_mutex_lock(&fake_engine.lock);
  fake_engine.pose_framing = *framing;
  g_mutex_unlock(&fake_engine.lock);
  FomoPose* pose = g_new0(FomoPose, 1);
  for (int c = 0; c < 3; c++)
    pose->color[c] = picture->color[c];
  count(&fake_engine.poses, 1);
  count(&fake_engine.poses_detected, 1);
  return pose;
}

static void pose_free(FomoPose* pose) {
  count(&fake_engine.poses, -1);
  g_free(pose);
}

static FomoStream* stream_new(const FomoModel* model, FomoError* error) {
  if (model->stream_fail)
    return fail(error, (FomoStatus)model->stream_fail, "no stream", "model");
  FomoStream* stream = g_new0(FomoStream, 1);
  stream->model = model;
  stream->searching_since = -1;
  count(&fake_engine.streams, 1);
  return stream;
}

static void stream_free(FomoStream* stream) {
  count(&fake_engine.streams, -1);
  g_free(stream);
}

static FomoStatus stream_restart(FomoStream* stream, FomoError* error) {
  (void)error;
  stream->has_reference = stream->given;
  stream->face = FOMO_FACE_SEARCHING;
  stream->searching_since = -1;
  stream->timed_out = FALSE;
  return FOMO_OK;
}

static FomoStatus stream_reset_reference(FomoStream* stream, FomoError* error) {
  (void)error;
  stream->has_reference = stream->given = FALSE;
  return FOMO_OK;
}

static FomoStatus stream_set_reference(FomoStream* stream, const FomoPose* pose, FomoError* error) {
  (void)error;
  memcpy(stream->reference, pose->color, sizeof(stream->reference));
  stream->has_reference = stream->given = TRUE;
  return FOMO_OK;
}

/* ---- driving frames ---- */

/* The first component of the upright frame's pixel 0, 0. */
static int corner_level(const FomoFrame* frame) {
  double width, height, x, y;
  fake_upright_size(frame, &width, &height);
  x = 0.5 / width;
  y = 0.5 / height;
  fake_to_stored(frame, &x, &y);
  const FomoComponent* component = &frame->component[0];
  return component->data[(ptrdiff_t)(y * frame->height) * component->stride +
                         (ptrdiff_t)(x * frame->width) * component->pixel_stride];
}

/* The face's box in the upright frame. */
static FomoBox face_box(const FomoDriving* driving) {
  const FomoFrame* frame = &driving->frame;
  double width, height;
  fake_upright_size(frame, &width, &height);
  if (driving->face_count == 0)
    return (FomoBox){width / 4, height / 4, width / 4, width / 4};
  const FomoBox* box = &driving->faces[0];
  double x0 = box->x / frame->width, y0 = box->y / frame->height,
         x1 = (box->x + box->width) / frame->width, y1 = (box->y + box->height) / frame->height;
  fake_to_upright(frame, &x0, &y0);
  fake_to_upright(frame, &x1, &y1);
  return (FomoBox){MIN(x0, x1) * width, MIN(y0, y1) * height, ABS(x0 - x1) * width,
                   ABS(y0 - y1) * height};
}

/* Looks for the face and sets `box` to the model's crop. Returns FALSE before the first face. */
static gboolean follow(FomoStream* stream, const FomoDriving* driving, FomoFrameInfo* info,
                       FomoBox* seen) {
  const int level = corner_level(&driving->frame);
  const gboolean there = driving->face_count > 0 || level >= FAKE_FACE;
  const FomoFaceState before = stream->face;
  if (there) {
    stream->face = FOMO_FACE_TRACKING;
    info->event = before == FOMO_FACE_SEARCHING ? FOMO_FACE_FOUND
                  : before == FOMO_FACE_LOST    ? FOMO_FACE_RETURNED
                  : level >= FAKE_CUT           ? FOMO_FACE_CUT
                                                : FOMO_FACE_UNCHANGED;
  } else if (before == FOMO_FACE_TRACKING) {
    stream->face = FOMO_FACE_LOST;
    info->event = FOMO_FACE_LEFT;
  }
  info->face = stream->face;
  info->confidence = there ? 0.9 : 0;
  if (stream->face == FOMO_FACE_SEARCHING) {
    if (stream->searching_since < 0)
      stream->searching_since = driving->seconds;
    info->face_timed_out =
        !stream->timed_out && driving->seconds - stream->searching_since >= driving->face_timeout;
    stream->timed_out |= info->face_timed_out;
    return FALSE;
  }
  const FomoBox box = face_box(driving);
  info->square = (FomoSquare){box.x + box.width / 2, box.y + box.height / 2, box.width};
  *seen = (FomoBox){box.x, box.y + (box.height - box.width) / 2, box.width, box.width};
  g_mutex_lock(&fake_engine.lock);
  fake_engine.box = box;
  info->lies = fake_engine.lies;
  fake_engine.lies = FOMO_ORIENTATION_IDENTITY;
  g_mutex_unlock(&fake_engine.lock);
  return TRUE;
}

/* Sets the part of the upright frame that the model sees. Returns FALSE before the first face. */
static gboolean look(FomoStream* stream, const FomoDriving* driving, FomoFrameInfo* info,
                     FomoBox* seen) {
  double width, height;
  fake_upright_size(&driving->frame, &width, &height);
  const double side = MIN(width, height);
  info->confidence = 1;
  switch (driving->crop) {
  case FOMO_CROP_NONE:
    *seen = (FomoBox){0, 0, width, height};
    return TRUE;
  case FOMO_CROP_MANUAL:
    info->square =
        (FomoSquare){driving->crop_x * width, driving->crop_y * height, driving->crop_size * side};
    *seen =
        (FomoBox){info->square.cx - info->square.size / 2, info->square.cy - info->square.size / 2,
                  info->square.size, info->square.size};
    return TRUE;
  case FOMO_CROP_AUTO:
  case FOMO_CROP_FACE:
    if (driving->crop == FOMO_CROP_FACE || stream->model->faces > 0)
      return follow(stream, driving, info, seen);
    break;
  default:
    break;
  }
  *seen = (FomoBox){(width - side) / 2, (height - side) / 2, side, side};
  return TRUE;
}

/* The model's input: `part` of the frame as RGB in the model's size. */
static uint8_t* read_part(const FomoStream* stream, const FomoFrame* frame, const FomoBox* part) {
  const int width = stream->model->width, height = stream->model->height;
  uint8_t* pixels = g_malloc((gsize)width * height * 3);
  const FomoImage image = {pixels, width, height, (ptrdiff_t)3 * width, 3};
  fake_read(frame, part, &image);
  return pixels;
}

static FomoFootprint footprint_of(const FomoFrame* frame, const FomoBox* part) {
  double width, height;
  fake_upright_size(frame, &width, &height);
  double x[3] = {part->x / width, (part->x + part->width) / width, part->x / width};
  double y[3] = {part->y / height, part->y / height, (part->y + part->height) / height};
  for (int i = 0; i < 3; i++)
    fake_to_stored(frame, &x[i], &y[i]);
  return (FomoFootprint){x[0], y[0], x[1] - x[0], y[1] - y[0], x[2] - x[0], y[2] - y[0]};
}

/* ---- output frames ---- */

/* Computes each output pixel from the picture and the driving pixel at the same place. `driving` is
 * RGB of the model's size, or NULL if the picture rests. */
static void paint(const FomoStream* stream, const FomoSource* source, const uint8_t* driving,
                  const FomoMotion* motion, const FomoImage* output) {
  const int width = stream->model->width, height = stream->model->height;
  for (int y = 0; y < output->height; y++)
    for (int x = 0; x < output->width; x++) {
      uint8_t* pixel = output->data + y * output->stride + (ptrdiff_t)x * output->channels;
      const ptrdiff_t row = (ptrdiff_t)y * height / output->height,
                      column = (ptrdiff_t)x * width / output->width;
      for (int c = 0; c < 3; c++) {
        const int zero = motion->relative ? stream->reference[c] : 128;
        const int moved = driving ? driving[(row * width + column) * 3 + c] - zero : 0;
        pixel[c] = (uint8_t)CLAMP(moved + source->color[c], 0, 255);
      }
      if (output->channels == 4)
        pixel[3] = FAKE_ALPHA;
    }
}

static void take_reference(FomoStream* stream, const FomoSource* source, const uint8_t* driving,
                           const FomoCalibration* calibration, FomoFrameInfo* info) {
  if (stream->source && stream->source != source->id &&
      calibration->reference == FOMO_REFERENCE_FIRST && !stream->given)
    stream->has_reference = FALSE;
  stream->source = source->id;
  if (!driving || !calibration->motion.relative || stream->has_reference)
    return;
  const int width = stream->model->width, height = stream->model->height;
  const FomoConstImage image = {driving, width, height, (ptrdiff_t)3 * width, 3};
  mean_color(&image, stream->reference);
  stream->has_reference = TRUE;
  info->reference_set = 1;
  count(&fake_engine.references_set, 1);
}

static void remember(const FomoDriving* driving, const FomoCalibration* calibration,
                     const FomoOverlay* overlay, const FomoMark* mark, const FomoFrameInfo* info) {
  static const FomoMark no_mark = {0};
  g_mutex_lock(&fake_engine.lock);
  fake_engine.calibration = *calibration;
  fake_engine.driving = *driving;
  fake_engine.driving.faces = NULL;
  fake_engine.info = *info;
  fake_engine.overlay = overlay ? overlay->flags : 0;
  fake_engine.mark = mark ? *mark : no_mark;
  g_strlcpy(fake_engine.overlay_text, overlay && overlay->text ? overlay->text : "",
            sizeof(fake_engine.overlay_text));
  g_mutex_unlock(&fake_engine.lock);
}

static FomoStatus stream_animate(FomoStream* stream, const FomoSource* source,
                                 const FomoDriving* driving, const FomoCalibration* calibration,
                                 const FomoOverlay* overlay, const FomoMark* mark,
                                 const FomoImage* output, FomoFrameInfo* info, FomoError* error) {
  const FomoModel* model = stream->model;
  const gboolean presented = source->presentation.width > 0;
  memset(info, 0, sizeof(*info));
  if (output->width != (presented ? source->presentation.width : model->width) ||
      output->height != (presented ? source->presentation.height : model->height) ||
      output->channels != (presented ? source->presentation.channels : 3)) {
    fail(error, FOMO_FAILED, "frame of a wrong size", "frame");
    return FOMO_FAILED;
  }
  /* Does not apply to the trial frame at the start, which has absolute motion. */
  if (model->animate_fail && calibration->motion.adapt_scale) {
    fail(error, (FomoStatus)model->animate_fail, "no animation", "frame");
    return (FomoStatus)model->animate_fail;
  }
  if (fake_engine.animate_status != FOMO_OK) {
    fail(error, fake_engine.animate_status, "the device is gone", "frame");
    return fake_engine.animate_status;
  }
  const int delay_us = model->delay_us + fake_engine.delay_us;
  if (delay_us)
    g_usleep((gulong)delay_us);

  FomoBox part;
  uint8_t* seen = NULL;
  if (look(stream, driving, info, &part)) {
    seen = read_part(stream, &driving->frame, &part);
    info->footprint = footprint_of(&driving->frame, &part);
  }
  take_reference(stream, source, seen, calibration, info);
  paint(stream, source, seen, &calibration->motion, output);
  info->present = seen && info->confidence > 0.5;
  info->input_ms = 0.5;
  info->keypoints_ms = 1;
  info->motion_ms = 2;
  info->generator_ms = 3;
  info->compose_ms = 4;
  info->total_ms = 10.5;
  g_free(seen);
  remember(driving, calibration, overlay, mark, info);
  count(&fake_engine.frames, 1);
  return FOMO_OK;
}

EXPORT const FomoEngineApi* fomo_engine_get_api(uint32_t abi) {
  static const FomoEngineApi api = {
      .abi = FOMO_ENGINE_ABI,
      .size = sizeof(FomoEngineApi),
      .set_log = set_log,
      .watch_files = watch_files,
      .model_open = model_open,
      .model_close = model_close,
      .model_describe = model_describe,
      .picture_load = picture_load,
      .picture_decode = picture_decode,
      .picture_from_pixels = picture_from_pixels,
      .picture_free = picture_free,
      .source_encode = source_encode,
      .source_present = source_present,
      .source_describe = source_describe,
      .source_free = source_free,
      .pose_detect = pose_detect,
      .pose_free = pose_free,
      .stream_new = stream_new,
      .stream_free = stream_free,
      .stream_restart = stream_restart,
      .stream_reset_reference = stream_reset_reference,
      .stream_set_reference = stream_set_reference,
      .stream_animate = stream_animate,
  };
  return abi == FOMO_ENGINE_ABI ? &api : NULL;
}
