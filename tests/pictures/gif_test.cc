// SPDX-License-Identifier: LGPL-2.1-or-later
// GIF files: the first frame on its canvas.
#include <gtest/gtest.h>

#include "tests/pictures/animated_gif.h"
#include "tests/pictures/decoded.h"

namespace {

using fomo::Picture;
using fomo::test::decode;
using fomo::test::error_of;
using fomo::test::pixel;

const std::vector<uint8_t> kGif(std::begin(animated_gif), std::end(animated_gif));

TEST(GifTest, ShowsTheFirstFrameOnItsCanvas) {
  const Picture picture = decode(kGif);
  ASSERT_EQ(picture.channels, 4);
  ASSERT_EQ(picture.width, 8);
  ASSERT_EQ(picture.height, 6);
  const char* rows[] = {"........", ".rrgg...", ".gg..rr.", "...rrgg.", ".rrgg...", "........"};
  for (int y = 0; y < 6; y++)
    for (int x = 0; x < 8; x++) {
      const uint8_t* shown = pixel(picture, x, y);
      EXPECT_EQ(shown[3], rows[y][x] == '.' ? 0 : 255) << x << ", " << y;
      EXPECT_EQ(shown[0], rows[y][x] == 'r' ? 200 : 0) << x << ", " << y;
      EXPECT_EQ(shown[1], rows[y][x] == 'g' ? 200 : 0) << x << ", " << y;
    }
}

TEST(GifTest, ThatHidesAllOfItsCanvasIsOpaque) {
  std::vector<uint8_t> opaque = kGif;
  opaque[6] = 6; // the canvas is as large as the frame, which lies at its corner
  opaque[8] = 4;
  opaque[47] = 4; // no transparent colour
  opaque[53] = opaque[55] = 0;
  const Picture picture = decode(opaque);
  ASSERT_EQ(picture.channels, 3);
  EXPECT_EQ(pixel(picture, 5, 0)[2], 200);
  EXPECT_EQ(pixel(picture, 4, 1)[0], 200);
}

TEST(GifTest, DamageIsAnErrorOrAPicture) {
  const size_t first_frame = 74; // bytes up to its end
  for (size_t size = 0; size < first_frame; size++) {
    const auto error = error_of([&] {
      decode({kGif.begin(), kGif.begin() + static_cast<ptrdiff_t>(size)});
    });
    EXPECT_NE(std::string(error.what()).find("test"), std::string::npos) << size;
  }
  for (size_t i = 6; i < kGif.size(); i++)
    for (int value = 0; value < 256; value++) {
      std::vector<uint8_t> damaged = kGif;
      damaged[i] = static_cast<uint8_t>(value);
      // Canvases of thousands of pixels are slow, and no different.
      if (i >= 6 && i <= 9)
        continue;
      try {
        decode(damaged);
      } catch (const fomo::Error& error) {
        EXPECT_EQ(error.status(), FOMO_WRONG_TYPE);
      }
    }
  std::vector<uint8_t> huge = kGif;
  huge[7] = 0x7f;
  EXPECT_EQ(error_of([&] { decode(huge); }).status(), FOMO_WRONG_TYPE);
}

} // namespace
