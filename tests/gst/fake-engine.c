/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "fake-engine.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define EXPORT __attribute__((visibility("default")))

struct FomoModel {
  int width, height, delay_us;
  int encode_fail, stream_fail, animate_fail;
};

struct FomoPicture {
  uint8_t color[3];
  int width, height, channels;
};

struct FomoSource {
  uint8_t color[3];
};

struct FomoStream {
  FomoModel* model;
  gboolean has_reference;
  int reference[3];
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

static FomoSource* source_encode(FomoModel* model, const FomoPicture* picture, FomoCrop crop,
                                 FomoError* error) {
  g_mutex_lock(&fake_engine.lock);
  fake_engine.encodes_held++;
  g_cond_broadcast(&fake_engine.changed);
  while (fake_engine.hold_encodes)
    g_cond_wait(&fake_engine.changed, &fake_engine.lock);
  fake_engine.encodes_held--;
  fake_engine.crop = crop;
  fake_engine.picture_width = picture->width;
  fake_engine.picture_height = picture->height;
  fake_engine.picture_channels = picture->channels;
  g_mutex_unlock(&fake_engine.lock);
  if (model->encode_fail)
    return fail(error, (FomoStatus)model->encode_fail, "no source", "picture");
  FomoSource* source = g_new0(FomoSource, 1);
  memcpy(source->color, picture->color, 3);
  count(&fake_engine.sources, 1);
  count(&fake_engine.sources_encoded, 1);
  return source;
}

static void source_free(FomoSource* source) {
  count(&fake_engine.sources, -1);
  g_free(source);
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

static void stream_reset_reference(FomoStream* stream) { stream->has_reference = FALSE; }

static FomoStatus stream_animate(FomoStream* stream, const FomoSource* source,
                                 const FomoMotion* motion, const FomoImage* driving,
                                 const FomoImage* output, FomoFrameInfo* info, FomoError* error) {
  const FomoModel* model = stream->model;
  memset(info, 0, sizeof(*info));
  if (driving->width != model->width || driving->height != model->height ||
      output->width != model->width || output->height != model->height || driving->channels != 3 ||
      output->channels != 3) {
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

  if (motion->relative && !stream->has_reference) {
    mean_color(driving, stream->reference);
    stream->has_reference = TRUE;
    info->reference_set = 1;
    count(&fake_engine.references_set, 1);
  }
  for (int y = 0; y < output->height; y++)
    for (int x = 0; x < output->width; x++)
      for (int c = 0; c < 3; c++) {
        const int zero = motion->relative ? stream->reference[c] : 128;
        const int value = driving->data[y * driving->stride + x * 3 + c] + source->color[c] - zero;
        output->data[y * output->stride + x * 3 + c] = (uint8_t)CLAMP(value, 0, 255);
      }
  g_mutex_lock(&fake_engine.lock);
  fake_engine.motion = *motion;
  g_mutex_unlock(&fake_engine.lock);
  count(&fake_engine.frames, 1);
  info->keypoints_ms = 1;
  info->motion_ms = 2;
  info->generator_ms = 3;
  info->total_ms = 6;
  return FOMO_OK;
}

EXPORT const FomoEngineApi* fomo_engine_get_api(uint32_t abi) {
  static const FomoEngineApi api = {FOMO_ENGINE_ABI, sizeof(FomoEngineApi), set_log,
                                    model_open,      model_close,           model_describe,
                                    picture_load,    picture_decode,        picture_from_pixels,
                                    picture_free,    source_encode,         source_free,
                                    stream_new,      stream_free,           stream_reset_reference,
                                    stream_animate};
  return abi == FOMO_ENGINE_ABI ? &api : NULL;
}
