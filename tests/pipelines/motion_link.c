// SPDX-License-Identifier: LGPL-2.1-or-later
// Takes the place of gst-launch-1.0 in pipelines/motion-send.sh and motion-receive.sh: runs the
// same pipeline and writes down when each frame passed which element. Frames are known by their RTP
// time stamps.
//   motion-link [-q] [-e] PIPELINE...
// Environment:
//   FOMO_LINK_LOG      the file to write. Lines: `EVENT RTP-TIME MICROSECONDS`, and at the end
//   `stats LOST CONCEALED` and `latency MICROSECONDS`.
//                      Events: captured (a frame reaches fomomotionenc), sent, arrived (at the
//                      jitter buffer), taken (by rtpgstdepay), given (by it to fomomotiondec),
//                      alone (given, and stands alone), decoded (by fomomotiondec), shown (by the
//                      sink, by its clock), moved (shown, and not the same picture as the one
//                      before). A line `began` where the depayloader begins a stream
//   FOMO_LINK_NETWORK  an element to put before udpsink, such as "netsim drop-probability=0.05"
// A word autovideosink becomes a sink that shows nothing, and drops late frames as windows do. Ends
// at the end of the stream, or after SIGINT or SIGTERM.
#include <glib-unix.h>
#include <gst/gst.h>
#include <stdio.h>
#include <string.h>

typedef struct {
  GMutex lock;
  GHashTable* captured; // time of a frame at the encoder, by its PTS
  GHashTable* rtp_time; // RTP time stamp, by PTS
  guint32 taken;        // RTP time stamp of the frame that the depayloader took last
  GstElement* pipeline;
  GMainLoop* loop;
  FILE* log;
  guint64 picture; // of the frame before
  int status;
} Link;

typedef void (*Take)(Link* link, GstBuffer* buffer, gint64 now);

typedef struct {
  Link* link;
  Take take;
} Probe;

static void write_down(Link* link, const char* event, guint32 rtp_time, gint64 now) {
  fprintf(link->log, "%s %" G_GUINT32_FORMAT " %" G_GINT64_FORMAT "\n", event, rtp_time, now);
}

// RFC 3550: the bytes 4 to 7 of the header.
static guint32 rtp_time_of(GstBuffer* buffer) {
  guint8 header[12] = {0};
  gst_buffer_extract(buffer, 0, header, sizeof header);
  return GST_READ_UINT32_BE(header + 4);
}

// Whether an RTP packet ends a buffer and not an event: the marker, and the second byte of
// rtpgstpay's header. The caps that it repeats are in the packet of a buffer.
static gboolean ends_frame(GstBuffer* buffer) {
  guint8 header[14] = {0};
  gst_buffer_extract(buffer, 0, header, sizeof header);
  return (header[1] & 0x80) && header[13] == 0;
}

static void remember(GHashTable* table, GstClockTime key, gint64 value) {
  g_hash_table_insert(table, g_memdup2(&key, sizeof key), g_memdup2(&value, sizeof value));
}

static const gint64* recall(GHashTable* table, GstClockTime key) {
  return g_hash_table_lookup(table, &key);
}

static void at_encoder(Link* link, GstBuffer* buffer, gint64 now) {
  remember(link->captured, GST_BUFFER_PTS(buffer), now);
}

static void at_payloader(Link* link, GstBuffer* buffer, gint64 now) {
  if (!ends_frame(buffer))
    return;
  const gint64* captured = recall(link->captured, GST_BUFFER_PTS(buffer));
  if (captured)
    write_down(link, "captured", rtp_time_of(buffer), *captured);
  write_down(link, "sent", rtp_time_of(buffer), now);
}

static void at_jitter_buffer(Link* link, GstBuffer* buffer, gint64 now) {
  if (!ends_frame(buffer))
    return;
  write_down(link, "arrived", rtp_time_of(buffer), now);
}

static void at_depayloader(Link* link, GstBuffer* buffer, gint64 now) {
  if (!ends_frame(buffer))
    return;
  link->taken = rtp_time_of(buffer);
  remember(link->rtp_time, GST_BUFFER_PTS(buffer), link->taken);
  write_down(link, "taken", link->taken, now);
}

// Whether motion can be decoded without the packets before it: the header of the stream comes
// first, or the message's first bits say so (docs/motion.md): gfv_id 0, gfv_cnt 0, a base.
static gboolean stands_alone(GstBuffer* buffer) {
  guint8 bytes[3] = {0};
  gst_buffer_extract(buffer, 0, bytes, sizeof bytes);
  return bytes[0] == 5 || (bytes[0] == 223 && bytes[1] < 255 && bytes[2] >> 5 == 7);
}

// On the same thread, and each frame is one packet.
static void behind_depayloader(Link* link, GstBuffer* buffer, gint64 now) {
  if (stands_alone(buffer))
    write_down(link, "alone", link->taken, now);
  write_down(link, "given", link->taken, now);
}

static GstPadProbeReturn on_event(GstPad* pad, GstPadProbeInfo* info, gpointer data) {
  (void)pad;
  Link* link = data;
  if (GST_EVENT_TYPE(GST_PAD_PROBE_INFO_EVENT(info)) == GST_EVENT_STREAM_START) {
    g_mutex_lock(&link->lock);
    fprintf(link->log, "began\n");
    g_mutex_unlock(&link->lock);
  }
  return GST_PAD_PROBE_OK;
}

static void watch_events(GstElement* element, Link* link) {
  GstPad* pad = gst_element_get_static_pad(element, "src");
  gst_pad_add_probe(pad, GST_PAD_PROBE_TYPE_EVENT_DOWNSTREAM, on_event, link, NULL);
  gst_object_unref(pad);
}

static void at_decoder(Link* link, GstBuffer* buffer, gint64 now) {
  const gint64* rtp_time = recall(link->rtp_time, GST_BUFFER_PTS(buffer));
  if (rtp_time)
    write_down(link, "decoded", (guint32)*rtp_time, now);
}

static guint64 hash_of(GstBuffer* buffer) {
  GstMapInfo map;
  guint64 hash = 1469598103934665603u; // FNV-1a
  if (!gst_buffer_map(buffer, &map, GST_MAP_READ))
    return 0;
  for (gsize i = 0; i < map.size; i++)
    hash = (hash ^ map.data[i]) * 1099511628211u;
  gst_buffer_unmap(buffer, &map);
  return hash;
}

static void at_sink(GstElement* sink, GstBuffer* buffer, GstPad* pad, Link* link) {
  (void)sink, (void)pad;
  const gint64 now = g_get_real_time();
  const guint64 picture = hash_of(buffer);
  g_mutex_lock(&link->lock);
  const gint64* rtp_time = recall(link->rtp_time, GST_BUFFER_PTS(buffer));
  if (rtp_time) {
    write_down(link, "shown", (guint32)*rtp_time, now);
    if (picture != link->picture)
      write_down(link, "moved", (guint32)*rtp_time, now);
  }
  link->picture = picture;
  g_mutex_unlock(&link->lock);
}

static gboolean take_each(GstBuffer** buffer, guint index, gpointer data) {
  (void)index;
  Probe* probe = data;
  probe->take(probe->link, *buffer, g_get_real_time());
  return TRUE;
}

static GstPadProbeReturn on_probe(GstPad* pad, GstPadProbeInfo* info, gpointer data) {
  (void)pad;
  Probe* probe = data;
  g_mutex_lock(&probe->link->lock);
  if (GST_PAD_PROBE_INFO_TYPE(info) & GST_PAD_PROBE_TYPE_BUFFER_LIST) {
    gst_buffer_list_foreach(GST_PAD_PROBE_INFO_BUFFER_LIST(info), take_each, probe);
  } else {
    GstBuffer* buffer = GST_PAD_PROBE_INFO_BUFFER(info);
    take_each(&buffer, 0, probe);
  }
  g_mutex_unlock(&probe->link->lock);
  return GST_PAD_PROBE_OK;
}

static void watch(GstElement* element, const char* pad_name, Link* link, Take take) {
  GstPad* pad = gst_element_get_static_pad(element, pad_name);
  Probe* probe = g_new0(Probe, 1);
  *probe = (Probe){link, take};
  gst_pad_add_probe(pad, GST_PAD_PROBE_TYPE_BUFFER | GST_PAD_PROBE_TYPE_BUFFER_LIST, on_probe,
                    probe, g_free);
  gst_object_unref(pad);
}

static void watch_element(const GValue* item, gpointer data) {
  GstElement* element = g_value_get_object(item);
  const GstElementFactory* factory = gst_element_get_factory(element);
  const char* name = factory ? GST_OBJECT_NAME(factory) : "";
  if (strcmp(name, "fomomotionenc") == 0)
    watch(element, "sink", data, at_encoder);
  else if (strcmp(name, "rtpgstpay") == 0)
    watch(element, "src", data, at_payloader);
  else if (strcmp(name, "rtpjitterbuffer") == 0)
    watch(element, "sink", data, at_jitter_buffer);
  else if (strcmp(name, "rtpgstdepay") == 0) {
    watch(element, "sink", data, at_depayloader);
    watch(element, "src", data, behind_depayloader);
    watch_events(element, data);
  } else if (strcmp(name, "fomomotiondec") == 0)
    watch(element, "src", data, at_decoder);
  else if (strcmp(name, "fakesink") == 0)
    g_signal_connect(element, "handoff", G_CALLBACK(at_sink), data);
}

static void write_stats(const GValue* item, gpointer data) {
  GstElement* element = g_value_get_object(item);
  const GstElementFactory* factory = gst_element_get_factory(element);
  GstStructure* stats = NULL;
  guint64 lost = 0, concealed = 0;
  if (!factory || strcmp(GST_OBJECT_NAME(factory), "fomomotiondec") != 0)
    return;
  g_object_get(element, "stats", &stats, NULL);
  gst_structure_get(stats, "packets-lost", G_TYPE_UINT64, &lost, "packets-concealed", G_TYPE_UINT64,
                    &concealed, NULL);
  fprintf(((Link*)data)->log, "stats %" G_GUINT64_FORMAT " %" G_GUINT64_FORMAT "\n", lost,
          concealed);
  gst_structure_free(stats);
}

// The latency of the pipeline, as the sink adds it to the times of frames.
static void write_latency(Link* link) {
  GstQuery* query = gst_query_new_latency();
  GstClockTime least = 0;
  if (gst_element_query(link->pipeline, query))
    gst_query_parse_latency(query, NULL, &least, NULL);
  gst_query_unref(query);
  fprintf(link->log, "latency %" G_GUINT64_FORMAT "\n", least / 1000);
}

static void for_each_element(GstElement* pipeline, GstIteratorForeachFunction function,
                             Link* link) {
  GstIterator* elements = gst_bin_iterate_recurse(GST_BIN(pipeline));
  while (gst_iterator_foreach(elements, function, link) == GST_ITERATOR_RESYNC)
    gst_iterator_resync(elements);
  gst_iterator_free(elements);
}

// The words of the pipeline, changed as the comment at the top says.
static char** changed(int argc, char** argv) {
  GPtrArray* words = g_ptr_array_new();
  const char* network = g_getenv("FOMO_LINK_NETWORK");
  for (int i = 1; i < argc; i++) {
    if (argv[i][0] == '-')
      continue;
    if (strcmp(argv[i], "autovideosink") == 0) {
      for (const char* const* word =
               (const char* const[]){"fakesink", "sync=true", "signal-handoffs=true", "qos=true",
                                     "max-lateness=5000000", NULL};
           *word; word++)
        g_ptr_array_add(words, g_strdup(*word));
      continue;
    }
    if (network && strcmp(argv[i], "udpsink") == 0) {
      char** parts = g_strsplit(network, " ", -1);
      for (char** part = parts; *part; part++)
        g_ptr_array_add(words, *part);
      g_free(parts);
      g_ptr_array_add(words, g_strdup("!"));
    }
    g_ptr_array_add(words, g_strdup(argv[i]));
  }
  g_ptr_array_add(words, NULL);
  return (char**)g_ptr_array_free(words, FALSE);
}

static gboolean on_message(GstBus* bus, GstMessage* message, gpointer data) {
  (void)bus;
  Link* link = data;
  GError* error = NULL;
  char* more = NULL;
  if (GST_MESSAGE_TYPE(message) == GST_MESSAGE_ERROR) {
    gst_message_parse_error(message, &error, &more);
    fprintf(stderr, "motion-link: %s (%s)\n", error->message, more);
    g_clear_error(&error);
    g_free(more);
    link->status = 1;
  }
  if (GST_MESSAGE_TYPE(message) == GST_MESSAGE_LATENCY) // as gst-launch-1.0 does
    gst_bin_recalculate_latency(GST_BIN(link->pipeline));
  if (GST_MESSAGE_TYPE(message) == GST_MESSAGE_ERROR ||
      GST_MESSAGE_TYPE(message) == GST_MESSAGE_EOS)
    g_main_loop_quit(link->loop);
  return TRUE;
}

static gboolean on_signal(gpointer link) {
  g_main_loop_quit(((Link*)link)->loop);
  return TRUE;
}

int main(int argc, char** argv) {
  gst_init(NULL, NULL);
  const char* path = g_getenv("FOMO_LINK_LOG");
  Link link = {.loop = g_main_loop_new(NULL, FALSE), .log = path ? fopen(path, "w") : NULL};
  if (!link.log) {
    fprintf(stderr, "motion-link: FOMO_LINK_LOG names no file that can be written\n");
    return 2;
  }
  setvbuf(link.log, NULL, _IOLBF, 0); // the test reads it while the pipeline runs
  g_mutex_init(&link.lock);
  link.captured = g_hash_table_new_full(g_int64_hash, g_int64_equal, g_free, g_free);
  link.rtp_time = g_hash_table_new_full(g_int64_hash, g_int64_equal, g_free, g_free);
  char** words = changed(argc, argv);
  GError* error = NULL;
  GstElement* pipeline = gst_parse_launchv((const char**)words, &error);
  g_strfreev(words);
  if (!pipeline || error) {
    fprintf(stderr, "motion-link: %s\n", error->message);
    return 2;
  }
  link.pipeline = pipeline;
  for_each_element(pipeline, watch_element, &link);
  GstBus* bus = gst_element_get_bus(pipeline);
  const guint watch_id = gst_bus_add_watch(bus, on_message, &link);
  g_unix_signal_add(SIGINT, on_signal, &link);
  g_unix_signal_add(SIGTERM, on_signal, &link);
  gst_element_set_state(pipeline, GST_STATE_PLAYING);
  fprintf(link.log, "started\n");
  g_main_loop_run(link.loop);
  for_each_element(pipeline, write_stats, &link);
  write_latency(&link);
  gst_element_set_state(pipeline, GST_STATE_NULL);
  g_source_remove(watch_id);
  gst_object_unref(bus);
  gst_object_unref(pipeline);
  g_hash_table_destroy(link.captured);
  g_hash_table_destroy(link.rtp_time);
  g_main_loop_unref(link.loop);
  fclose(link.log);
  return link.status;
}
