/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "fake-engine.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define EXPORT __attribute__((visibility("default")))

struct FomoModel {
  int width, height, delay_us, faces;
  int encode_fail, stream_fail, animate_fail;
};

struct FomoPicture {
  uint8_t color[3];
  int width, height, channels;
};

struct FomoSource {
  uint8_t color[3];
  FomoSourceInfo info;
  FomoView view; /* of no width: as the model paints it */
};

struct FomoPose {
  int color[3];
};

struct FomoStream {
  FomoModel* model;
  gboolean has_reference, given;
  int reference[3];
};

struct FomoTracker {
  FomoFaceState state;
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

static void model_describe(const FomoModel* model, FomoModelInfo* info) {
  memset(info, 0, sizeof(*info));
  g_strlcpy(info->name, "fake", sizeof(info->name));
  g_strlcpy(info->container, "none", sizeof(info->container));
  g_strlcpy(info->device, "cpu", sizeof(info->device));
  g_strlcpy(info->precision, "fp32", sizeof(info->precision));
  info->width = model->width;
  info->height = model->height;
  info->num_kp = 10;
  info->about_faces = model->faces > 0;
  info->load_ms = 1.5;
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

static FomoPicture* picture_load(const char* path, FomoError* error) {
  FILE* file = fopen(path, "r");
  if (!file)
    return fail(error, FOMO_NOT_FOUND, "no picture", path);
  uint8_t data[64];
  const size_t size = fread(data, 1, sizeof data, file);
  fclose(file);
  return picture_decode(data, size, path, error);
}

static void mean_color(const FomoImage* image, int mean[3]) {
  for (int c = 0; c < 3; c++) {
    long sum = 0;
    for (int y = 0; y < image->height; y++)
      for (int x = 0; x < image->width; x++)
        sum += image->data[y * image->stride + x * image->channels + c];
    mean[c] = (int)(sum / ((long)image->width * image->height));
  }
}

static FomoPicture* picture_from_pixels(const FomoImage* image, FomoError* error) {
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

static FomoSource* source_encode(FomoModel* model, const FomoPicture* picture,
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
  source->info.crop = framing->crop == FOMO_CROP_AUTO
                          ? (model->faces > 0 ? FOMO_CROP_FACE : FOMO_CROP_CENTER)
                          : framing->crop;
  source->info.faces = framing->face_index == FOMO_ALL_FACES ? MAX(model->faces, 1) : 1;
  source->info.faces_found = model->faces;
  count(&fake_engine.sources, 1);
  count(&fake_engine.sources_encoded, 1);
  return source;
}

static FomoSource* source_with_view(const FomoSource* source, const FomoView* view,
                                    FomoError* error) {
  if (!view->whole_picture && source->info.faces > 1)
    return fail(error, FOMO_SETTINGS, "several faces", "view");
  FomoSource* viewed = g_memdup2(source, sizeof(*source));
  viewed->view = *view;
  count(&fake_engine.sources, 1);
  count(&fake_engine.views, 1);
  g_mutex_lock(&fake_engine.lock);
  fake_engine.view = *view;
  g_mutex_unlock(&fake_engine.lock);
  return viewed;
}

static void source_describe(const FomoSource* source, FomoSourceInfo* info) {
  *info = source->info;
}

static void source_free(FomoSource* source) {
  count(&fake_engine.sources, -1);
  g_free(source);
}

static FomoPose* pose_detect(FomoModel* model, const FomoPicture* picture,
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

static FomoStream* stream_new(FomoModel* model, FomoError* error) {
  if (model->stream_fail)
    return fail(error, (FomoStatus)model->stream_fail, "no stream", "model");
  FomoStream* stream = g_new0(FomoStream, 1);
  stream->model = model;
  count(&fake_engine.streams, 1);
  return stream;
}

static void stream_free(FomoStream* stream) {
  count(&fake_engine.streams, -1);
  g_free(stream);
}

static void stream_restart(FomoStream* stream) { stream->has_reference = stream->given; }

static void stream_reset_reference(FomoStream* stream) {
  stream->has_reference = stream->given = FALSE;
}

static void stream_set_reference(FomoStream* stream, const FomoPose* pose) {
  memcpy(stream->reference, pose->color, sizeof(stream->reference));
  stream->has_reference = stream->given = TRUE;
}

/* One value of an output pixel: what the driving pixel at the same place makes of the picture. */
static int painted(const FomoStream* stream, const FomoSource* source, const FomoDriving* driving,
                   const FomoMotion* motion, const FomoImage* output, int x, int y, int c) {
  const FomoImage* image = &driving->image;
  if (!image->data)
    return source->color[c];
  const int zero = motion->relative ? stream->reference[c] : 128;
  const ptrdiff_t row = (ptrdiff_t)y * image->height / output->height;
  const ptrdiff_t column = (ptrdiff_t)x * image->width / output->width;
  return image->data[row * image->stride + column * 3 + c] + source->color[c] - zero;
}

static void paint(const FomoStream* stream, const FomoSource* source, const FomoDriving* driving,
                  const FomoMotion* motion, const FomoImage* output) {
  for (int y = 0; y < output->height; y++)
    for (int x = 0; x < output->width; x++) {
      uint8_t* pixel = output->data + y * output->stride + (ptrdiff_t)x * output->channels;
      for (int c = 0; c < 3; c++) {
        const int value = painted(stream, source, driving, motion, output, x, y, c);
        pixel[c] = (uint8_t)CLAMP(value, 0, 255);
      }
      if (output->channels == 4)
        pixel[3] = FAKE_ALPHA;
    }
}

static FomoStatus stream_animate(FomoStream* stream, const FomoSource* source,
                                 const FomoDriving* driving, const FomoCalibration* calibration,
                                 const FomoOverlay* overlay, const FomoImage* output,
                                 FomoFrameInfo* info, FomoError* error) {
  const FomoModel* model = stream->model;
  const FomoMotion* motion = &calibration->motion;
  const gboolean viewed = source->view.width > 0;
  memset(info, 0, sizeof(*info));
  if ((driving->image.data &&
       (driving->image.width != model->width || driving->image.height != model->height ||
        driving->image.channels != 3)) ||
      output->width != (viewed ? source->view.width : model->width) ||
      output->height != (viewed ? source->view.height : model->height) ||
      output->channels != (viewed ? source->view.channels : 3)) {
    fail(error, FOMO_FAILED, "frame of a wrong size", "frame");
    return FOMO_FAILED;
  }
  /* Not the trial frame, which has absolute motion without Jacobians and scale. */
  if (model->animate_fail && motion->adapt_scale) {
    fail(error, (FomoStatus)model->animate_fail, "no animation", "frame");
    return (FomoStatus)model->animate_fail;
  }
  const int delay_us = model->delay_us + fake_engine.delay_us;
  if (delay_us)
    g_usleep((gulong)delay_us);

  if (driving->image.data && motion->relative && !stream->has_reference) {
    mean_color(&driving->image, stream->reference);
    stream->has_reference = TRUE;
    info->reference_set = 1;
    count(&fake_engine.references_set, 1);
  }
  paint(stream, source, driving, motion, output);
  g_mutex_lock(&fake_engine.lock);
  fake_engine.calibration = *calibration;
  fake_engine.driving = *driving;
  fake_engine.overlay = overlay ? overlay->flags : 0;
  g_strlcpy(fake_engine.overlay_text, overlay && overlay->text ? overlay->text : "",
            sizeof(fake_engine.overlay_text));
  g_mutex_unlock(&fake_engine.lock);
  count(&fake_engine.frames, 1);
  info->confidence = driving->face_confidence < 0 ? 1 : driving->face_confidence;
  info->present = driving->image.data && info->confidence > 0.5;
  info->keypoints_ms = 1;
  info->motion_ms = 2;
  info->generator_ms = 3;
  info->compose_ms = 4;
  info->total_ms = 10;
  return FOMO_OK;
}

static FomoTracker* tracker_new(FomoError* error) {
  (void)error;
  count(&fake_engine.trackers, 1);
  return g_new0(FomoTracker, 1);
}

static void tracker_free(FomoTracker* tracker) {
  count(&fake_engine.trackers, -1);
  g_free(tracker);
}

static void tracker_reset(FomoTracker* tracker) { tracker->state = FOMO_FACE_SEARCHING; }

static uint8_t sample(const FomoComponent* component, int x, int y) {
  return component->data[(y >> component->h_sub) * component->stride +
                         (x >> component->w_sub) * component->pixel_stride];
}

static FomoStatus tracker_update(FomoTracker* tracker, const FomoFrame* frame, double seconds,
                                 const FomoBox* given, int32_t given_count, FomoFace* face,
                                 FomoError* error) {
  (void)error;
  const int level = sample(&frame->component[0], 0, 0);
  const gboolean there = given_count > 0 || level >= FAKE_FACE;
  const FomoFaceState before = tracker->state;
  memset(face, 0, sizeof(*face));
  if (there) {
    tracker->state = FOMO_FACE_TRACKING;
    face->event = before == FOMO_FACE_SEARCHING ? FOMO_FACE_FOUND
                  : before == FOMO_FACE_LOST    ? FOMO_FACE_RETURNED
                  : level >= FAKE_CUT           ? FOMO_FACE_CUT
                                                : FOMO_FACE_UNCHANGED;
  } else if (before == FOMO_FACE_TRACKING) {
    tracker->state = FOMO_FACE_LOST;
    face->event = FOMO_FACE_LEFT;
  }
  face->state = tracker->state;
  face->confidence = there ? 0.9 : 0;
  face->box =
      (FomoBox){frame->width / 4.0, frame->height / 4.0, frame->width / 4.0, frame->width / 4.0};
  if (given_count > 0)
    face->box = given[0];
  face->crop = (FomoSquare){face->box.x + face->box.width / 2, face->box.y + face->box.height / 2,
                            face->state == FOMO_FACE_SEARCHING ? 0 : face->box.width};
  g_mutex_lock(&fake_engine.lock);
  fake_engine.frame = *frame;
  fake_engine.seconds = seconds;
  fake_engine.given = given_count;
  fake_engine.face = *face;
  g_mutex_unlock(&fake_engine.lock);
  return FOMO_OK;
}

static void frame_read(const FomoFrame* frame, const FomoSquare* square, const FomoImage* out) {
  for (int y = 0; y < out->height; y++)
    for (int x = 0; x < out->width; x++)
      for (int c = 0; c < 3; c++) {
        const double fx = square->cx + ((x + 0.5) / out->width - 0.5) * square->size;
        const double fy = square->cy + ((y + 0.5) / out->height - 0.5) * square->size;
        out->data[y * out->stride + x * 3 + c] =
            sample(&frame->component[frame->components == 1 ? 0 : c],
                   CLAMP((int)fx, 0, frame->width - 1), CLAMP((int)fy, 0, frame->height - 1));
      }
  g_mutex_lock(&fake_engine.lock);
  fake_engine.square = *square;
  g_mutex_unlock(&fake_engine.lock);
}

EXPORT const FomoEngineApi* fomo_engine_get_api(uint32_t abi) {
  static const FomoEngineApi api = {
      .abi = FOMO_ENGINE_ABI,
      .size = sizeof(FomoEngineApi),
      .set_log = set_log,
      .model_open = model_open,
      .model_close = model_close,
      .model_describe = model_describe,
      .picture_load = picture_load,
      .picture_decode = picture_decode,
      .picture_from_pixels = picture_from_pixels,
      .picture_free = picture_free,
      .source_encode = source_encode,
      .source_with_view = source_with_view,
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
      .tracker_new = tracker_new,
      .tracker_free = tracker_free,
      .tracker_reset = tracker_reset,
      .tracker_update = tracker_update,
      .frame_read = frame_read,
  };
  return abi == FOMO_ENGINE_ABI ? &api : NULL;
}
