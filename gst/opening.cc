// SPDX-License-Identifier: LGPL-2.1-or-later
#include "gst/opening.h"

#include <exception>
#include <system_error>

#include "gst/element.h"

namespace fomo {

namespace {

/// An operation that a file system answers takes less.
constexpr std::chrono::milliseconds kPatience{250};

GstPadProbeReturn block(GstPad*, GstPadProbeInfo*, gpointer) { return GST_PAD_PROBE_OK; }

/// Data that wait before a pad.
struct Held {
  Held(GstElement* of_element, GstPad* at_pad)
      : element(GST_ELEMENT(gst_object_ref(of_element))), pad(GST_PAD(gst_object_ref(at_pad))),
        probe(gst_pad_add_probe(pad,
                                static_cast<GstPadProbeType>(GST_PAD_PROBE_TYPE_BLOCK |
                                                             GST_PAD_PROBE_TYPE_BUFFER |
                                                             GST_PAD_PROBE_TYPE_BUFFER_LIST |
                                                             GST_PAD_PROBE_TYPE_EVENT_DOWNSTREAM),
                                block, nullptr, nullptr)) {}
  ~Held() {
    gst_pad_remove_probe(pad, probe);
    gst_object_unref(pad);
    gst_object_unref(element);
  }
  Held(const Held&) = delete;
  Held& operator=(const Held&) = delete;

  GstElement* element;
  GstPad* pad;
  gulong probe;
};

} // namespace

/// What the opening and its thread share. The thread has a reference of its own.
struct OpeningThread::Work {
  FileWatch watch;
  Job job;
  std::exception_ptr problem; // of the job, after its end
  std::mutex lock;
  std::unique_ptr<Held> held; // guarded by lock
  bool ended = false;         // guarded by lock

  void run(const Engine* watched_by) {
    if (watched_by)
      watch.watch_this_thread(*watched_by);
    try {
      job(watch);
    } catch (...) {
      problem = std::current_exception();
    }
    job = nullptr;
    watch.finish();
    {
      const std::lock_guard<std::mutex> guard(lock);
      ended = true;
    }
    if (!watch.abandoned())
      let_data_flow();
  }

  /// After the end: posts the error, if there is one, and removes what holds the data.
  void let_data_flow() {
    std::unique_ptr<Held> released;
    {
      const std::lock_guard<std::mutex> guard(lock);
      released = std::move(held);
    }
    if (released && problem)
      posting_errors(released->element, false,
                     [this]() -> bool { std::rethrow_exception(problem); });
  }
};

OpeningThread::OpeningThread(const Engine& engine, Job job) : work_(std::make_shared<Work>()) {
  work_->job = std::move(job);
  try {
    thread_ = std::thread([work = work_, &engine] { work->run(&engine); });
  } catch (const std::system_error&) {
    work_->run(nullptr);
  }
}

OpeningThread::~OpeningThread() {
  bool ended;
  {
    const std::lock_guard<std::mutex> guard(work_->lock);
    ended = work_->ended;
  }
  const bool hangs = work_->watch.abandon();
  if (thread_.joinable() && hangs)
    thread_.detach();
  else if (thread_.joinable())
    thread_.join();
  if (ended)
    work_->let_data_flow();
  std::unique_ptr<Held> released;
  const std::lock_guard<std::mutex> guard(work_->lock);
  released = std::move(work_->held);
}

bool OpeningThread::wait_unless_hung() { return work_->watch.wait_finished(kPatience); }

bool OpeningThread::wait() { return work_->watch.wait_finished(); }

void OpeningThread::check() const {
  if (work_->problem)
    std::rethrow_exception(work_->problem);
}

void OpeningThread::hold(GstElement* element, GstPad* sink) {
  auto held = std::make_unique<Held>(element, sink);
  bool ended = false;
  {
    const std::lock_guard<std::mutex> guard(work_->lock);
    work_->held = std::move(held);
    ended = work_->ended;
  }
  if (ended)
    work_->let_data_flow();
}

void OpeningThread::give_up() { work_->watch.abandon(); }

} // namespace fomo
