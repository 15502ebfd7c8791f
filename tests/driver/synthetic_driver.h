// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <vector>

#include <opencv2/core.hpp>
#include <opencv2/imgproc.hpp>

#include "common/image_mat.h"
#include "driver/frame_reader.h"
#include "pictures/picture.h"

namespace fomo::test {

/// The bundled portrait, RGB.
inline const cv::Mat& portrait() {
  static const cv::Mat image = [] {
    const Picture picture = load_picture(FOMO_ASSETS "/portrait.png");
    return as_mat(image_of(picture)).clone();
  }();
  return image;
}
inline Box portrait_face() { return {178, 62, 92, 112}; }

/// Head and shoulders of the portrait; `other`: in other colours, to be another person.
inline cv::Mat person(bool other = false) {
  cv::Mat head = portrait()(cv::Rect(110, 0, 220, 256)).clone();
  if (other) {
    cv::flip(head, head, 1);
    cv::Mat channels[3];
    cv::split(head, channels);
    std::swap(channels[0], channels[2]);
    cv::merge(channels, 3, head);
    head.convertTo(head, -1, 0.7, 0);
  }
  return head;
}
/// The box of the face in `person`, measured by eye from hairline to chin and from ear to ear.
inline Box person_face(bool other = false) {
  const Box face{portrait_face().x - 110, portrait_face().y, 92, 112};
  return other ? Box{220 - face.x - face.width, face.y, face.width, face.height} : face;
}

/// A room without people: blurred noise, a different one for each seed.
inline cv::Mat room(int width, int height, unsigned seed = 1) {
  cv::Mat noise(9, 16, CV_8UC3), room;
  cv::RNG random(seed);
  random.fill(noise, cv::RNG::UNIFORM, 30, 200);
  cv::resize(noise, room, {width, height}, 0, 0, cv::INTER_CUBIC);
  return room;
}

/// Draws a scaled person into the frame with the centre of the face at (x, y), cut off at the
/// border. Returns the face's box.
inline Box put_person(cv::Mat& frame, double x, double y, double scale = 1, bool other = false) {
  cv::Mat head = person(other);
  const Box face = person_face(other);
  double left = scale;
  if (scale < 1) {
    // Averages pixels as a camera does when the person is small.
    const cv::Size size(cvRound(head.cols * scale), cvRound(head.rows * scale));
    cv::resize(head, head, size, 0, 0, cv::INTER_AREA);
    left = 1;
  }
  const cv::Matx23d place(left, 0, x - scale * center(face).x, 0, left, y - scale * center(face).y);
  cv::warpAffine(head, frame, place, frame.size(), cv::INTER_LINEAR, cv::BORDER_TRANSPARENT);
  return {x - scale * face.width / 2, y - scale * face.height / 2, scale * face.width,
          scale * face.height};
}

} // namespace fomo::test
