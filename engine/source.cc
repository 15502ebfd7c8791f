// SPDX-License-Identifier: LGPL-2.1-or-later
#include "engine/source.h"

#include "common/image_mat.h"
#include "compose/matte.h"
#include "engine/own_motion.h"
#include "pictures/picture_framing.h"

namespace fomo {

namespace {

PixelSize frame_size(const Model& model) {
  return {model.config().frame_width, model.config().frame_height};
}

} // namespace

Source::Source(std::shared_ptr<const Model> used_model, std::shared_ptr<const Picture> picture,
               const FomoFraming& framing)
    : model_(std::move(used_model)), picture_(std::move(picture)),
      model_size_(frame_size(*model_)) {
  const Model& model = *model_;
  const PictureFraming framed = frame_picture(*picture_, framing, model.about_faces());
  crop_ = framed.crop;
  faces_found_ = framed.faces_found;
  const std::unique_ptr<Workspace> workspace = model.backend().new_workspace();
  for (const PictureCrop& crop : framed.crops) {
    MovingPart part;
    part.crop = crop;
    const std::vector<uint8_t> pixels =
        resize_region(*picture_, crop, model_size_.width, model_size_.height);
    part.encoded = model.backend().encode(packed_rgb(pixels, model_size_.width, model_size_.height),
                                          model.threads());
    part.at_rest.resize(pixels.size());
    model.backend().generate(*workspace, *part.encoded, part.encoded->keypoints, {},
                             packed_rgb(part.at_rest, model_size_.width, model_size_.height),
                             &part.motion_at_rest, model.threads());
    parts_.push_back(std::move(part));
  }
  if (model.is_builtin())
    people();
}

PersonMap Source::person_of(const MovingPart& part, Workspace& workspace) const {
  PersonMap person;
  const std::vector<uint8_t> pixels =
      resize_region(*picture_, part.crop, model_size_.width, model_size_.height);
  person.moving =
      moving_with_head(model_->backend(), workspace, *part.encoded, model_size_, model_->threads());
  person.keypoints = part.encoded->keypoints;
  person.chin = lowest_on_face(part.encoded->keypoints);
  person.matte = compose::person_matte(
      as_mat(packed_rgb(pixels, model_size_.width, model_size_.height)), person.moving);
  return person;
}

const std::vector<PersonMap>& Source::people() const {
  const std::lock_guard<std::mutex> guard(people_lock_);
  if (!people_.empty())
    return people_;
  std::vector<PersonMap> people(parts_.size());
  if (model_->about_faces() && model_->config().generator.estimate_occlusion_map) {
    const std::unique_ptr<Workspace> workspace = model_->backend().new_workspace();
    for (size_t i = 0; i < parts_.size(); i++)
      people[i] = person_of(parts_[i], *workspace);
  }
  people_ = std::move(people);
  return people_;
}

FomoSourceInfo Source::describe() const {
  return {picture_->width,
          picture_->height,
          picture_->channels == 4,
          crop_,
          static_cast<int32_t>(parts_.size()),
          faces_found_,
          parts_.size() == 1 && parts_.front().crop.roll != 0};
}

std::shared_ptr<const PresentedSource> Source::present(const FomoPresentation& wanted) const {
  std::vector<PictureCrop> crops;
  std::vector<ConstImage> at_rest;
  for (const MovingPart& part : parts_) {
    crops.push_back(part.crop);
    at_rest.push_back(packed_rgb(part.at_rest, model_size_.width, model_size_.height));
  }
  const Presentation presentation{wanted.whole_picture != 0,
                                  wanted.detail != 0,
                                  {wanted.width, wanted.height},
                                  wanted.channels,
                                  wanted.plate != 0};
  return PresentedSource::make(picture_, crops, at_rest, model_size_, presentation,
                               wanted.plate ? people() : std::vector<PersonMap>());
}

KeypointSet detect_pose(const Model& model, const Picture& picture, const FomoFraming& framing) {
  const PixelSize size = frame_size(model);
  const PictureCrop crop = frame_picture(picture, framing, model.about_faces()).crops.front();
  const std::vector<uint8_t> pixels = resize_region(picture, crop, size.width, size.height);
  const std::unique_ptr<Workspace> workspace = model.backend().new_workspace();
  return model.backend()
      .detect(*workspace, packed_rgb(pixels, size.width, size.height), model.threads())
      .keypoints;
}

} // namespace fomo
