// SPDX-License-Identifier: LGPL-2.1-or-later
// Structure-aware mutations: they split a container into its parts, change one part, and join the
// parts with correct sizes and offsets. One in eight mutations changes random bytes instead, to
// damage the container's structure.
#include <algorithm>
#include <cstring>
#include <random>
#include <string>
#include <vector>

#include "tests/fuzz/targets.h"
#include "tests/model/checkpoint_files.h"

extern "C" size_t LLVMFuzzerMutate(uint8_t* data, size_t size, size_t max_size);

namespace fomo::fuzz {
namespace {

using Random = std::minstd_rand;

/// Applies libFuzzer's mutations to a part.
std::string mutated(std::string part, size_t max_size) {
  const size_t size = part.size();
  part.resize(std::max(size, max_size));
  part.resize(LLVMFuzzerMutate(reinterpret_cast<uint8_t*>(part.data()), size, part.size()));
  return part;
}

size_t put(const std::string& result, uint8_t* data, size_t max_size) {
  const size_t size = std::min(result.size(), max_size);
  std::memcpy(data, result.data(), size);
  return size;
}

bool blindly(Random& random) { return random() % 8 == 0; }

uint64_t integer_at(const std::string& bytes, size_t position, size_t size) {
  uint64_t value = 0;
  for (size_t i = size; i-- > 0;)
    value = value << 8 | static_cast<unsigned char>(bytes[position + i]);
  return value;
}

/// Length of the pickle operation at `at`; 0 if the bytes end within the operation.
size_t operation_length(const std::string& bytes, size_t at) {
  const auto left = bytes.size() - at;
  const auto counted = [&](size_t width) -> size_t {
    return left < 1 + width ? 0 : 1 + width + integer_at(bytes, at + 1, width);
  };
  const auto lines = [&](int count) -> size_t {
    size_t end = at;
    for (; count > 0 && end != std::string::npos; --count)
      end = bytes.find('\n', end + 1);
    return end == std::string::npos ? 0 : end + 1 - at;
  };
  switch (static_cast<unsigned char>(bytes[at])) {
  case 'K':
  case 'q':
  case 'h':
  case 0x80: // a one-byte argument
    return 2;
  case 'M':
    return 3;
  case 'J':
  case 'r':
  case 'j':
    return 5;
  case 'G':
  case 0x95:
    return 9;
  case 0x8a:
  case 0x8c:
  case 'U':
  case 'C': // a one-byte count, then that many bytes
    return counted(1);
  case 0x8b:
  case 'X':
  case 'T':
  case 'B':
    return counted(4);
  case 0x8d:
  case 0x8e:
  case 0x96:
    return counted(8);
  case 'c':
    return lines(2);
  case 'I':
  case 'L':
  case 'F':
  case 'V':
  case 'p':
  case 'g':
    return lines(1);
  default:
    return 1;
  }
}

std::vector<std::string> operations_of(const std::string& pickle) {
  std::vector<std::string> operations;
  for (size_t at = 0; at < pickle.size();) {
    const size_t length = operation_length(pickle, at);
    operations.push_back(pickle.substr(at, length == 0 ? std::string::npos : length));
    at += operations.back().size();
  }
  return operations;
}

/// Sets a text's count to its length.
void recount(std::string& operation, size_t width) {
  if (operation.size() < 1 + width)
    return;
  const size_t count = operation.size() - 1 - width;
  for (size_t i = 0; i < width; ++i)
    operation[1 + i] = static_cast<char>(static_cast<uint64_t>(count) >> (8 * i));
}

void change_operation(std::string& operation, Random& random) {
  if (operation.size() < 5 && (operation.empty() || operation[0] == 'X')) // cut off
    return;
  switch (operation[0]) {
  case 'X':
    operation = "X" + operation.substr(1, 4) + mutated(operation.substr(5), operation.size() + 8);
    recount(operation, 4);
    break;
  case 'J':
  case 'K':
  case 'M':
    if (random() % 2 == 0)
      operation = std::string("\x8a\x08") + mutated(std::string(8, '\0'), 8);
    else
      for (size_t i = 1; i < operation.size(); ++i)
        operation[i] = static_cast<char>(random());
    operation.resize(operation[0] == '\x8a' ? 10 : operation.size(), '\0');
    break;
  default:
    operation[0] = "()]}tuesabRQN0.12\x85\x86\x87\x88\x89\x93\x94"[random() % 24];
    break;
  }
}

/// Changes, removes, repeats or swaps some operations of a pickle.
std::string mutated_pickle(const std::string& pickle, Random& random) {
  std::vector<std::string> operations = operations_of(pickle);
  for (size_t left = 1 + random() % 4; left > 0 && !operations.empty(); --left) {
    const size_t at = random() % operations.size(), other = random() % operations.size();
    const auto place = operations.begin() + static_cast<std::ptrdiff_t>(at);
    switch (random() % 5) {
    case 0:
      operations.erase(place);
      break;
    case 1:
      operations.insert(place, std::string(operations[other]));
      break;
    case 2:
      std::swap(operations[at], operations[other]);
      break;
    case 3: { // repeats a run of operations
      const size_t count = std::min<size_t>(1 + random() % 16, operations.size() - other);
      const std::vector<std::string> run(operations.begin() + static_cast<std::ptrdiff_t>(other),
                                         operations.begin() +
                                             static_cast<std::ptrdiff_t>(other + count));
      operations.insert(place, run.begin(), run.end());
      break;
    }
    default:
      change_operation(operations[at], random);
    }
  }
  std::string result;
  for (const std::string& operation : operations)
    result += operation;
  return result;
}

/// The offset behind the pickle that begins at `at`.
size_t pickle_end(const std::string& bytes, size_t at) {
  while (at < bytes.size() && bytes[at] != '.') {
    const size_t length = operation_length(bytes, at);
    if (length == 0 || length > bytes.size() - at)
      return bytes.size();
    at += length;
  }
  return std::min(at + 1, bytes.size());
}

struct Member {
  std::string name, bytes;
};

/// The members of a zip archive, in the order of its directory, with the directory's sizes.
std::vector<Member> members_of(const std::string& zip) {
  std::vector<Member> members;
  for (size_t at = zip.find("PK\x01\x02"); at != std::string::npos && zip.size() - at >= 46;) {
    const uint64_t size = integer_at(zip, at + 20, 4), header = integer_at(zip, at + 42, 4);
    const uint64_t name_size = integer_at(zip, at + 28, 2);
    if (header > zip.size() || zip.size() - header < 30)
      break;
    const uint64_t begin =
        header + 30 + integer_at(zip, header + 26, 2) + integer_at(zip, header + 28, 2);
    if (begin > zip.size() || size > zip.size() - begin || name_size > zip.size() - at - 46)
      break;
    members.push_back({zip.substr(at + 46, name_size), zip.substr(begin, size)});
    at = zip.find("PK\x01\x02", at + 46 + name_size);
  }
  return members;
}

} // namespace

size_t mutate_pickle(uint8_t* data, size_t size, size_t max_size, unsigned seed) {
  Random random(seed);
  if (blindly(random))
    return LLVMFuzzerMutate(data, size, max_size);
  return put(mutated_pickle({reinterpret_cast<const char*>(data), size}, random), data, max_size);
}

size_t mutate_legacy(uint8_t* data, size_t size, size_t max_size, unsigned seed) {
  Random random(seed);
  if (blindly(random))
    return LLVMFuzzerMutate(data, size, max_size);
  const std::string file(reinterpret_cast<const char*>(data), size);
  // The legacy container's five pickles: magic number, version, system, object, keys.
  size_t ends[6] = {0};
  for (int i = 0; i < 5; ++i)
    ends[i + 1] = pickle_end(file, ends[i]);
  const size_t which = random() % 8 < 6 ? 3 : random() % 5;
  const std::string pickle = file.substr(ends[which], ends[which + 1] - ends[which]);
  return put(file.substr(0, ends[which]) + mutated_pickle(pickle, random) +
                 file.substr(ends[which + 1]),
             data, max_size);
}

size_t mutate_zip(uint8_t* data, size_t size, size_t max_size, unsigned seed) {
  Random random(seed);
  std::vector<Member> members = members_of({reinterpret_cast<const char*>(data), size});
  if (blindly(random) || members.empty())
    return LLVMFuzzerMutate(data, size, max_size);
  Member& member = members[random() % 4 != 0 ? 0 : random() % members.size()];
  const auto ends_with = [&](const std::string& end) {
    return member.name.size() >= end.size() &&
           member.name.compare(member.name.size() - end.size(), end.size(), end) == 0;
  };
  if (ends_with("data.pkl") && random() % 8 != 0)
    member.bytes = mutated_pickle(member.bytes, random);
  else if (random() % 2 == 0)
    member.bytes = mutated(member.bytes, member.bytes.size() + 8);
  else
    member.name = mutated(member.name, member.name.size() + 8);
  test::ZipWriter writer;
  for (const Member& written : members)
    writer.add(written.name, written.bytes);
  return put(writer.finish(random() % 4 == 0), data, max_size);
}

size_t mutate_safetensors(uint8_t* data, size_t size, size_t max_size, unsigned seed) {
  Random random(seed);
  if (blindly(random) || size < 9)
    return LLVMFuzzerMutate(data, size, max_size);
  const std::string file(reinterpret_cast<const char*>(data), size);
  const size_t length = std::min<uint64_t>(integer_at(file, 0, 8), size - 8);
  std::string header = file.substr(8, length);
  // Changes a number, replaces a piece of the JSON text by another piece, or makes any change.
  const size_t digit = header.find_first_of("0123456789", random() % (header.size() + 1));
  const size_t from = header.empty() ? 0 : random() % header.size();
  const size_t to = header.empty() ? 0 : random() % header.size();
  switch (random() % 3) {
  case 0:
    if (digit != std::string::npos) {
      const size_t end = header.find_first_not_of("0123456789", digit);
      constexpr const char* numbers[] = {
          "0", "1", "2", "4294967296", "18446744073709551615", "-1", "1e9", "9223372036854775807"};
      header.replace(digit, (end == std::string::npos ? header.size() : end) - digit,
                     random() % 2 == 0 ? numbers[random() % 8] : std::to_string(random() % 300));
      break;
    }
    [[fallthrough]];
  case 1: {
    const size_t begin = header.find_first_of("\"{[,:", from),
                 place = header.find_first_of("\"{[,:", to);
    if (begin != std::string::npos && place != std::string::npos) {
      const size_t end = header.find_first_of("\"}],", begin + 1);
      header.insert(place, header.substr(begin, end == std::string::npos ? 1 : end - begin + 1));
      break;
    }
    [[fallthrough]];
  }
  default:
    header = mutated(header, header.size() + 16);
  }
  std::string result;
  for (size_t i = 0; i < 8; ++i)
    result += static_cast<char>(static_cast<uint64_t>(header.size()) >> (8 * i));
  return put(result + header + file.substr(8 + length), data, max_size);
}

} // namespace fomo::fuzz
