// SPDX-License-Identifier: LGPL-2.1-or-later
#include "train/render/shade.h"

#include "train/render/noise.h"

namespace fomo::render {
namespace {

// The colour of a texture, gamma-encoded, tinted.
Vec3 color_of(const Material& material, const Vec2& uv) {
  const cv::Mat& t = material.texture;
  const float u = std::clamp(uv.x, 0.0f, 1.0f) * static_cast<float>(t.cols - 1);
  const float v = std::clamp(uv.y, 0.0f, 1.0f) * static_cast<float>(t.rows - 1);
  const int x = std::min(static_cast<int>(u), t.cols - 2),
            y = std::min(static_cast<int>(v), t.rows - 2);
  const float fx = u - static_cast<float>(x), fy = v - static_cast<float>(y);
  const cv::Vec4b *top = t.ptr<cv::Vec4b>(y) + x, *bottom = t.ptr<cv::Vec4b>(y + 1) + x;
  const auto channel = [&](int c) {
    return mix(mix(top[0][c], top[1][c], fx), mix(bottom[0][c], bottom[1][c], fx), fy);
  };
  Vec3 color{channel(2), channel(1), channel(0)};
  if (material.gray > 0) {
    const float gray = 0.3f * color.x + 0.59f * color.y + 0.11f * color.z;
    color = mix(color, {gray, gray, gray}, material.gray);
  }
  return color * material.tint * (1.0f / 255);
}

// What light needs to know of a point of a surface.
struct Point {
  Vec3 rest, world, normal;
  float sky = 1;
  std::array<float, kLamps> lit{};
};

Vec3 square(const Vec3& c) { return c * c; }

// Share of a lamp's light that a surface scatters back, for each colour. Light enters skin and
// leaves it elsewhere, red light furthest: where the surface turns away, it stays lit a little, and
// red.
Vec3 scattered(Surface surface, float facing) {
  const Vec3 wrap = surface == Surface::skin    ? Vec3{0.32f, 0.16f, 0.10f}
                    : surface == Surface::hair  ? Vec3{0.35f, 0.35f, 0.35f}
                    : surface == Surface::mouth ? Vec3{0.30f, 0.20f, 0.20f}
                                                : Vec3{0.08f, 0.08f, 0.08f};
  const auto part = [&](float w) { return std::max(0.0f, (facing + w) / (1 + w)); };
  return {part(wrap.x), part(wrap.y), part(wrap.z)};
}

// Highlight of one lamp.
float highlight(Surface surface, float shine, float fresnel) {
  if (shine <= 0)
    return 0;
  if (surface == Surface::eye) // the lamp's mirror image on the wet cornea
    return 0.08f * std::pow(shine, 30.0f) + 1.6f * smoothstep(0.991f, 0.9955f, shine);
  if (surface == Surface::mouth)
    return 0.5f * std::pow(shine, 40.0f);
  if (surface == Surface::skin)
    return (0.5f * std::pow(shine, 10.0f) + 0.7f * std::pow(shine, 34.0f)) * (0.7f + 2 * fresnel);
  if (surface == Surface::cloth)
    return 0.3f * fresnel;
  return std::pow(shine, 16.0f) * 0.6f;
}

class Shader {
 public:
  Shader(const Person& person, const TriangleTable& triangles, const Geometry& geometry,
         const Camera& camera, const Lighting& lighting, const VertexLight& light)
      : person_(person), triangles_(triangles), geometry_(geometry), lighting_(lighting),
        light_(light), eye_{camera.target.x, camera.target.y, camera.target.z + camera.distance} {}

  // Linear colour of a hit.
  Vec3 color(const Hit& hit) const {
    const auto& entry = triangles_.entries[static_cast<size_t>(hit.triangle)];
    const Part& part = person_.parts[entry.part];
    const Material& material = part.material;
    Point point = at(hit, entry.vertices);
    const Vec3 towards = normalized(eye_ - point.world);
    if (material.two_sided && material.surface != Surface::hair && dot(point.normal, towards) < 0)
      point.normal = point.normal * -1.0f;
    const Vec3 coded = color_of(material, texture_at(part.uv[entry.index], hit.b, hit.c));
    Vec3 albedo = square(coded);
    float gloss = material.gloss;
    if (material.relief > 0)
      roughen(material, point, albedo, gloss);
    Vec3 shine{gloss, gloss, gloss};
    if (material.surface ==
        Surface::hair) // strands shine in their colour, what is between them does not
      shine = coded * (1.5f * gloss);
    return lit(material.surface, point, towards, albedo, shine);
  }

  uint16_t part_of(const Hit& hit) const {
    return triangles_.entries[static_cast<size_t>(hit.triangle)].part;
  }

 private:
  Point at(const Hit& hit, const std::array<int, 3>& vertices) const {
    const float weights[3] = {1 - hit.b - hit.c, hit.b, hit.c};
    Point point;
    point.sky = 0;
    for (size_t k = 0; k < 3; k++) {
      const auto v = static_cast<size_t>(vertices[k]);
      point.rest += person_.rest[v] * weights[k];
      point.world += geometry_.world[v] * weights[k];
      point.normal += geometry_.normal[v] * weights[k];
      point.sky += light_.sky[v] * weights[k];
      for (size_t l = 0; l < kLamps; l++)
        point.lit[l] += light_.lit[v][l] * weights[k];
    }
    point.normal = normalized(point.normal);
    return point;
  }

  // Pores, blotches and uneven shine of skin, which the assets' textures are too coarse for.
  static void roughen(const Material& material, Point& point, Vec3& albedo, float& gloss) {
    const float depth = material.relief;
    const Vec3 fine = point.rest * (material.surface == Surface::skin ? 55.0f : 70.0f);
    const float a = noise(fine), b = noise(fine + Vec3{31.4f, 7.1f, 2.7f}),
                broad = noise(point.rest * 7.0f), middle = noise(point.rest * 19.0f);
    if (material.surface == Surface::skin) {
      const float blotch = depth * (0.07f * broad + 0.05f * middle);
      albedo = albedo * Vec3{1 + 0.05f * depth * a, 1 + 0.05f * depth * a - blotch,
                             1 + 0.05f * depth * a - blotch};
      gloss *= 1 + depth * (0.35f * middle + 0.5f * b);
      point.normal = normalized(point.normal + Vec3{a, b, 0} * (0.05f * depth));
    } else {
      albedo = albedo * (1 + depth * (0.10f * a + 0.05f * middle));
      point.normal = normalized(point.normal + Vec3{a, b, 0} * (0.12f * depth));
    }
  }

  Vec3 lit(Surface surface, const Point& point, const Vec3& towards, const Vec3& albedo,
           const Vec3& gloss) const {
    const Vec3& n = point.normal;
    // Light that bounces in a hollow of skin turns red.
    const float s = std::clamp(point.sky, 0.0f, 1.0f);
    const Vec3 open =
        surface == Surface::skin ? Vec3{std::pow(s, 0.75f), s, std::pow(s, 1.1f)} : Vec3{s, s, s};
    Vec3 diffuse = mix(lighting_.ground, lighting_.sky, 0.5f + 0.5f * n.y) * open, shine;
    const float grazing = 1 - std::clamp(dot(n, towards), 0.0f, 1.0f);
    const float fresnel = grazing * grazing * grazing * grazing;
    for (size_t l = 0; l < kLamps; l++) {
      const auto& lamp = lighting_.lamps[l];
      if (lamp.color.x + lamp.color.y + lamp.color.z <= 0)
        continue;
      diffuse += lamp.color * scattered(surface, dot(n, lamp.direction)) * point.lit[l];
      shine += lamp.color * gloss *
               (highlight(surface, dot(n, normalized(lamp.direction + towards)), fresnel) *
                point.lit[l]);
    }
    if (surface == Surface::mouth) // far inside, light comes from the red walls
      diffuse = diffuse * mix({1, 0.62f, 0.54f}, {1, 1, 1}, smoothstep(0.2f, 0.7f, s));
    return albedo * diffuse + shine;
  }

  const Person& person_;
  const TriangleTable& triangles_;
  const Geometry& geometry_;
  const Lighting& lighting_;
  const VertexLight& light_;
  Vec3 eye_;
};

// Linear colour of a pixel from its samples. Hair is shaded at every sample. Of any other part the
// first sample at about the same depth stands for all.
class Pixel {
 public:
  Pixel(const Shader& shader, const Person& person) : shader_(shader), person_(person) {}

  void add(const Hit& hit, const Vec3& behind) {
    if (hit.triangle < 0) {
      sum_ += square(behind);
      return;
    }
    const uint16_t part = shader_.part_of(hit);
    for (size_t i = 0; i < known_; i++)
      if (parts_[i] == part && std::abs(depths_[i] - hit.depth) < 0.1f) {
        sum_ += colors_[i];
        return;
      }
    const Vec3 color = shader_.color(hit);
    sum_ += color;
    if (person_.parts[part].material.surface != Surface::hair && known_ < parts_.size()) {
      parts_[known_] = part;
      depths_[known_] = hit.depth;
      colors_[known_++] = color;
    }
  }

  Vec3 sum() const { return sum_; }

 private:
  const Shader& shader_;
  const Person& person_;
  Vec3 sum_;
  size_t known_ = 0;
  std::array<uint16_t, 4> parts_{};
  std::array<float, 4> depths_{};
  std::array<Vec3, 4> colors_{};
};

} // namespace

cv::Mat shade(const Person& person, const TriangleTable& triangles, const Geometry& geometry,
              const std::vector<Hit>& hits, const Camera& camera, const Lighting& lighting,
              const VertexLight& light, const cv::Mat& backdrop) {
  const Shader shader(person, triangles, geometry, camera, lighting, light);
  const int size = backdrop.rows;
  const auto samples = static_cast<int>(std::lround(std::sqrt(static_cast<double>(hits.size()))));
  const int each = samples / size;
  cv::Mat picture(size, size, CV_32FC3);
  for (int y = 0; y < size; y++)
    for (int x = 0; x < size; x++) {
      const cv::Vec3f& b = backdrop.at<cv::Vec3f>(y, x);
      Pixel pixel(shader, person);
      for (int s = 0; s < each * each; s++) {
        const int sy = y * each + s / each, sx = x * each + s % each;
        pixel.add(
            hits[static_cast<size_t>(sy) * static_cast<size_t>(samples) + static_cast<size_t>(sx)],
            {b[0], b[1], b[2]});
      }
      const Vec3 mean = pixel.sum() * (1.0f / static_cast<float>(each * each));
      picture.at<cv::Vec3f>(y, x) = {std::sqrt(mean.x), std::sqrt(mean.y), std::sqrt(mean.z)};
    }
  return picture;
}

} // namespace fomo::render
