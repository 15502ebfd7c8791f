// SPDX-License-Identifier: LGPL-2.1-or-later
// Animates a picture with a video clip in an application of your own:
//   animate PICTURE CLIP OUTPUT.mp4
// Build with: cc animate.c -o animate $(pkg-config --cflags --libs gstreamer-1.0)
#include <gst/gst.h>

// Prints the element's messages. Each has a field `event`.
static void show_event(GstMessage* message) {
  const GstStructure* structure = gst_message_get_structure(message);
  if (!gst_structure_has_name(structure, "fomotransfer"))
    return;
  const gchar* event = gst_structure_get_string(structure, "event");
  if (g_strcmp0(event, "model-loaded") == 0)
    g_print("model %s on %s\n", gst_structure_get_string(structure, "name"),
            gst_structure_get_string(structure, "device"));
  else
    g_print("%s\n", event);
}

// Plays the pipeline to its end. The text of an error is suitable for the user: it names the
// object, the reason and the remedy.
static gboolean run(GstElement* pipeline) {
  GstBus* bus = gst_element_get_bus(pipeline);
  gboolean ended = FALSE, failed = FALSE;
  gst_element_set_state(pipeline, GST_STATE_PLAYING);
  while (!ended && !failed) {
    GstMessage* message = gst_bus_timed_pop_filtered(
        bus, GST_CLOCK_TIME_NONE, GST_MESSAGE_EOS | GST_MESSAGE_ERROR | GST_MESSAGE_ELEMENT);
    if (GST_MESSAGE_TYPE(message) == GST_MESSAGE_EOS) {
      ended = TRUE;
    } else if (GST_MESSAGE_TYPE(message) == GST_MESSAGE_ERROR) {
      GError* error = NULL;
      gst_message_parse_error(message, &error, NULL);
      g_printerr("%s\n", error->message);
      g_clear_error(&error);
      failed = TRUE;
    } else {
      show_event(message);
    }
    gst_message_unref(message);
  }
  gst_object_unref(bus);
  return ended;
}

int main(int argc, char** argv) {
  gst_init(&argc, &argv);
  if (argc != 4) {
    g_printerr("animate PICTURE CLIP OUTPUT.mp4\n");
    return 2;
  }
  GError* error = NULL;
  GstElement* pipeline =
      gst_parse_launch("filesrc name=clip ! decodebin ! fomotransfer name=animator ! videoconvert "
                       "! video/x-raw,format=I420 ! x264enc ! mp4mux ! filesink name=file",
                       &error);
  if (error) { // an element is not installed
    g_printerr("%s\n", error->message);
    g_clear_error(&error);
    return 1;
  }
  GstElement* clip = gst_bin_get_by_name(GST_BIN(pipeline), "clip");
  GstElement* animator = gst_bin_get_by_name(GST_BIN(pipeline), "animator");
  GstElement* file = gst_bin_get_by_name(GST_BIN(pipeline), "file");
  g_object_set(animator, "source-image", argv[1], NULL); // may be set again at any time
  g_object_set(clip, "location", argv[2], NULL);
  g_object_set(file, "location", argv[3], NULL);

  const gboolean ended = run(pipeline);

  GstStructure* stats = NULL;
  g_object_get(animator, "stats", &stats, NULL);
  guint64 frames = 0;
  gdouble ms = 0;
  if (ended && gst_structure_get(stats, "frames", G_TYPE_UINT64, &frames, "total-mean-ms",
                                 G_TYPE_DOUBLE, &ms, NULL))
    g_print("%" G_GUINT64_FORMAT " frames, %.1f ms each\n", frames, ms);
  g_clear_pointer(&stats, gst_structure_free);
  gst_element_set_state(pipeline, GST_STATE_NULL);
  gst_object_unref(clip);
  gst_object_unref(animator);
  gst_object_unref(file);
  gst_object_unref(pipeline);
  return ended ? 0 : 1;
}
