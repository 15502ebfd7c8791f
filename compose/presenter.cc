// SPDX-License-Identifier: LGPL-2.1-or-later
#include "compose/presenter.h"

#include <algorithm>
#include <string>

#include <opencv2/imgproc.hpp>

#include "common/error.h"
#include "common/geometry.h"
#include "common/image_mat.h"

namespace fomo {

namespace {

/// The size at which detail is blended: at least the model's. Smaller frames are scaled down.
PixelSize detail_size(PixelSize model, PixelSize shown) {
  const bool smaller = shown.width < model.width || shown.height < model.height;
  return smaller ? model : shown;
}

} // namespace

bool Presentation::operator==(const Presentation& other) const {
  return whole_picture == other.whole_picture && detail == other.detail && plate == other.plate &&
         output.width == other.output.width && output.height == other.output.height &&
         channels == other.channels;
}

std::shared_ptr<const PresentedSource>
PresentedSource::make(std::shared_ptr<const Picture> picture,
                      const std::vector<PictureCrop>& wanted_crops,
                      const std::vector<ConstImage>& at_rest, PixelSize model,
                      const Presentation& settings, const std::vector<PersonMap>& people) {
  std::vector<PictureCrop> crops = wanted_crops;
  if (crops.empty() || (!settings.whole_picture && crops.size() != 1))
    throw Error(FOMO_SETTINGS, "A frame of one face was asked for, but " +
                                   std::to_string(crops.size()) +
                                   " faces move. Choose one of them, or output=picture.");
  auto source = std::make_shared<PresentedSource>();
  const bool own_size = settings.output.width <= 0 || settings.output.height <= 0;
  source->output_ = !own_size                ? settings.output
                    : settings.whole_picture ? PixelSize{picture->width, picture->height}
                                             : model;
  source->model_ = model;
  source->settings_ = settings;
  source->pastes_ = source->has_edges_ = settings.whole_picture;
  if (!settings.whole_picture && crops[0].roll != 0) {
    picture = std::make_shared<Picture>(cut_upright(*picture, cv::Rect(crops[0])));
    crops = {{cv::Rect(0, 0, picture->width, picture->height), crops[0].roll}};
    source->pastes_ = true;
    source->has_edges_ = !is_quarter_turn(crops[0].roll);
  }
  for (size_t i = 0; i < crops.size(); i++) {
    const PictureCrop place = source->pastes_
                                  ? PasteBack::place_of(crops[i], *picture, source->output_)
                                  : cv::Rect{0, 0, source->output_.width, source->output_.height};
    source->places_.push_back(place);
    // What the network sees of a crop with a roll is a picture of its own.
    std::shared_ptr<const Picture> seen = picture;
    cv::Rect crop = crops[i];
    if (crops[i].roll != 0) {
      seen = std::make_shared<Picture>(cut_upright(*picture, crops[i]));
      crop = {0, 0, seen->width, seen->height};
    }
    const bool moves_alpha = picture->channels == 4 && settings.channels == 4;
    std::shared_ptr<const DetailSource> detail;
    if (settings.detail || moves_alpha)
      detail =
          DetailSource::make(*seen, crop, model, detail_size(model, {place.width, place.height}),
                             i < at_rest.size() && at_rest[i].data ? &at_rest[i] : nullptr);
    std::shared_ptr<const BackgroundPlate> plate;
    if (settings.plate && i < people.size())
      plate = BackgroundPlate::make(*seen, crop, people[i], {place.width, place.height},
                                    settings.channels, !detail);
    std::shared_ptr<const SourceMouth> mouth;
    if (settings.plate && i < people.size())
      mouth = SourceMouth::make(*seen, crop, people[i].keypoints, {place.width, place.height});
    source->mouths_.push_back(std::move(mouth));
    source->plates_.push_back(std::move(plate));
    source->details_.push_back(std::move(detail));
  }
  source->crops_ = crops;
  source->picture_ = std::move(picture);
  return source;
}

struct Presenter::Work {
  struct Face {
    DetailBlend blend;
    Layers layers;
    cv::Mat shown; // at detail_size(), if the face is shown at another size
    cv::Mat crop;  // at the size of its place in the output
  };
  std::shared_ptr<const PresentedSource> source;
  std::vector<Face> faces;
  std::unique_ptr<PasteBack> paste_back;
  std::vector<float> hidden; // an occlusion map of zeros, for frames without detail
  cv::Mat opaque;

  void take(const std::shared_ptr<const PresentedSource>& wanted) {
    if (wanted == source)
      return;
    paste_back.reset();
    if (wanted->pastes_)
      paste_back = std::make_unique<PasteBack>(wanted->picture_, wanted->crops_, wanted->output_,
                                               wanted->settings_.channels);
    faces.resize(wanted->details_.size());
    source = wanted;
  }

  /// Writes one face at the size of `output`, and the plate where the person has been.
  void show(int index, const GeneratedFace& generated, const FomoImage& output, int threads) {
    show_face(index, generated, output, threads);
    if (const SourceMouth* mouth = source->mouths_[index].get(); mouth && generated.keypoints)
      mouth->draw(generated.field, *generated.keypoints, output);
    if (const BackgroundPlate* plate = source->plates_[index].get())
      faces[index].layers(*plate, generated.field, generated.keypoints, output, threads);
  }

  /// The face at `output`'s size, with detail and alpha as far as they are wanted and known.
  void show_face(int index, const GeneratedFace& generated, const FomoImage& output, int threads) {
    Face& face = faces[index];
    const DetailSource* detail = source->details_[index].get();
    if (!detail || !generated.field.deformation) {
      scale(as_mat(generated.picture), output);
      return;
    }
    MotionField field = generated.field;
    if (!source->settings_.detail) {
      hidden.assign(static_cast<size_t>(field.width) * field.height, 0);
      field.occlusion = hidden.data();
    }
    const PixelSize size = detail->output();
    if (size.width == output.width && size.height == output.height) {
      face.blend(*detail, field, generated.picture, output, threads);
      return;
    }
    face.shown.create(size.height, size.width, CV_8UC(output.channels));
    face.blend(*detail, field, generated.picture, as_image(face.shown), threads);
    scale(face.shown, output);
  }

  void scale(const cv::Mat& in, const FomoImage& output) {
    cv::Mat out = as_mat(output);
    const bool smaller = out.cols < in.cols || out.rows < in.rows;
    const int how = smaller ? cv::INTER_AREA : cv::INTER_LINEAR;
    if (in.channels() == output.channels) {
      cv::resize(in, out, out.size(), 0, 0, how);
    } else {
      cv::resize(in, opaque, out.size(), 0, 0, how);
      cv::cvtColor(opaque, out, cv::COLOR_RGB2RGBA);
    }
  }
};

Presenter::Presenter() : work_(std::make_unique<Work>()) {}
Presenter::~Presenter() = default;

void Presenter::operator()(const std::shared_ptr<const PresentedSource>& source,
                           const std::vector<GeneratedFace>& faces, const FomoImage& output,
                           int threads) {
  const PixelSize size = source->output();
  if (output.width != size.width || output.height != size.height ||
      output.channels != source->settings().channels ||
      static_cast<int>(faces.size()) != source->faces())
    throw Error(FOMO_SETTINGS,
                "A frame of " + std::to_string(output.width) + "x" + std::to_string(output.height) +
                    " was given for a source prepared for " + std::to_string(size.width) + "x" +
                    std::to_string(size.height) + " and " + std::to_string(source->faces()) +
                    " faces. Prepare it again.");
  work_->take(source);
  if (!work_->paste_back) {
    if (faces[0].picture.data)
      work_->show(0, faces[0], output, threads);
    return;
  }
  std::vector<ConstImage> crops(faces.size());
  for (size_t i = 0; i < faces.size(); i++) {
    if (!faces[i].picture.data)
      continue;
    const PictureCrop place = source->place(static_cast<int>(i));
    work_->faces[i].crop.create(place.height, place.width, CV_8UC(output.channels));
    const FomoImage crop = as_image(work_->faces[i].crop);
    work_->show(static_cast<int>(i), faces[i], crop, threads);
    crops[i] = crop;
  }
  (*work_->paste_back)(crops, output);
}

} // namespace fomo
