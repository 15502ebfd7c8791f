// SPDX-License-Identifier: LGPL-2.1-or-later
#include "model/checkpoint/pickle.h"

#include <charconv>
#include <string>

#include "model/checkpoint/byte_reader.h"
#include "model/checkpoint/torch_objects.h"

namespace fomo {
namespace {

// A training checkpoint of a First Order Motion Model takes about 100,000 operations and 40,000
// values. These bounds keep a hostile file below a second and 200 MB.
constexpr uint64_t max_operations = 4'000'000;
constexpr size_t max_values = 1'000'000;
constexpr uint64_t max_memo = 1'000'000;
constexpr ValueRef no_value = ~ValueRef{0};

class Unpickler {
 public:
  explicit Unpickler(ByteReader& reader) : reader_(reader), start_(reader.position()) {}

  Pickle read() {
    for (uint64_t i = 0; i < max_operations; ++i) {
      const auto operation = static_cast<unsigned char>(reader_.integer(1));
      if (operation == '.') {
        pickle_.root = pop();
        pickle_.size = reader_.position() - start_;
        return std::move(pickle_);
      }
      if (!push_scalar(operation) && !push_text(operation) && !build_container(operation) &&
          !use_memo(operation) && !call(operation))
        throw_damaged("its pickle has an operation that checkpoints do not use");
    }
    throw_too_many_objects();
  }

 private:
  using Kind = Value::Kind;

  /// Numbers and None.
  bool push_scalar(unsigned char operation) {
    switch (operation) {
    case 'N': // NONE
      push(Kind::none);
      return true;
    case 0x88: // NEWTRUE
    case 0x89: // NEWFALSE
      push_integer(operation == 0x88, Kind::boolean);
      return true;
    case 'K': // BININT1
      push_integer(static_cast<int64_t>(reader_.integer(1)));
      return true;
    case 'M': // BININT2
      push_integer(static_cast<int64_t>(reader_.integer(2)));
      return true;
    case 'J': // BININT
      push_integer(static_cast<int32_t>(reader_.integer(4)));
      return true;
    case 0x8a: // LONG1
      push_long(reader_.take(reader_.integer(1)));
      return true;
    case 0x8b: // LONG4
      push_long(reader_.take(reader_.integer(4)));
      return true;
    case 'I': // INT
    case 'L': // LONG
      push_decimal(reader_.line());
      return true;
    case 'G': // BINFLOAT
      reader_.take(8);
      push(Kind::real);
      return true;
    case 'F': // FLOAT
      reader_.line();
      push(Kind::real);
      return true;
    }
    return false;
  }

  /// Strings and bytes.
  bool push_text(unsigned char operation) {
    switch (operation) {
    case 0x8c: // SHORT_BINUNICODE
    case 'U':  // SHORT_BINSTRING
      push_string(reader_.integer(1));
      return true;
    case 'X': // BINUNICODE
    case 'T': // BINSTRING
      push_string(reader_.integer(4));
      return true;
    case 0x8d: // BINUNICODE8
      push_string(reader_.integer(8));
      return true;
    case 'V': // UNICODE
      push(Kind::string).text = reader_.line();
      return true;
    case 'C': // SHORT_BINBYTES
      push_string(reader_.integer(1), Kind::bytes);
      return true;
    case 'B': // BINBYTES
      push_string(reader_.integer(4), Kind::bytes);
      return true;
    case 0x8e: // BINBYTES8
    case 0x96: // BYTEARRAY8
      push_string(reader_.integer(8), Kind::bytes);
      return true;
    }
    return false;
  }

  /// Tuples, lists and dicts.
  bool build_container(unsigned char operation) {
    switch (operation) {
    case '(': // MARK
      marks_.push_back(stack_.size());
      return true;
    case ')': // EMPTY_TUPLE
      push(Kind::tuple);
      return true;
    case 0x85: // TUPLE1
    case 0x86: // TUPLE2
    case 0x87: // TUPLE3
      push_collected(Kind::tuple, pop_last(operation - 0x84u));
      return true;
    case 't': // TUPLE
      push_collected(Kind::tuple, pop_to_mark());
      return true;
    case ']': // EMPTY_LIST
      push(Kind::list);
      return true;
    case 'l': // LIST
      push_collected(Kind::list, pop_to_mark());
      return true;
    case 'a': // APPEND
      extend(Kind::list, pop_last(1));
      return true;
    case 'e': // APPENDS
      extend(Kind::list, pop_to_mark());
      return true;
    case '}': // EMPTY_DICT
      push(Kind::dict);
      return true;
    case 'd': { // DICT
      const std::vector<ValueRef> items = pop_to_mark();
      push(Kind::dict);
      extend(Kind::dict, items);
      return true;
    }
    case 's': // SETITEM
      extend(Kind::dict, pop_last(2));
      return true;
    case 'u': // SETITEMS
      extend(Kind::dict, pop_to_mark());
      return true;
    }
    return false;
  }

  /// The stack itself and the memo.
  bool use_memo(unsigned char operation) {
    switch (operation) {
    case 0x80: // PROTO
      if (reader_.integer(1) > 5)
        throw_damaged("its pickle is of an unknown protocol");
      return true;
    case 0x95: // FRAME
      reader_.take(8);
      return true;
    case '0': // POP
      if (!marks_.empty() && marks_.back() == stack_.size())
        marks_.pop_back();
      else
        pop();
      return true;
    case '1': // POP_MARK
      pop_to_mark();
      return true;
    case '2': // DUP
      stack_.push_back(top());
      return true;
    case 'p': // PUT
      memorize(line_number());
      return true;
    case 'q': // BINPUT
      memorize(reader_.integer(1));
      return true;
    case 'r': // LONG_BINPUT
      memorize(reader_.integer(4));
      return true;
    case 0x94: // MEMOIZE
      memorize(memorized_);
      return true;
    case 'g': // GET
      recall(line_number());
      return true;
    case 'h': // BINGET
      recall(reader_.integer(1));
      return true;
    case 'j': // LONG_BINGET
      recall(reader_.integer(4));
      return true;
    }
    return false;
  }

  /// Classes, functions and what is made by them.
  bool call(unsigned char operation) {
    switch (operation) {
    case 'c': { // GLOBAL
      const std::string_view module = reader_.line();
      const std::string_view name = reader_.line();
      push_integer(allowed_global(module, name), Kind::global);
      return true;
    }
    case 0x93: { // STACK_GLOBAL
      const std::vector<ValueRef> names = pop_last(2);
      const Value& module = pickle_.at(names[0]);
      const Value& name = pickle_.at(names[1]);
      if (module.kind != Kind::string || name.kind != Kind::string)
        throw_damaged("a class has no name");
      push_integer(allowed_global(module.text, name.text), Kind::global);
      return true;
    }
    case 'R': // REDUCE
      reduce();
      return true;
    case 'b': // BUILD: an OrderedDict's attributes (_metadata), which are not needed
      pop();
      if (pickle_.at(top()).kind != Kind::dict)
        throw_damaged("attributes are given to something that has none");
      return true;
    case 'Q': { // BINPERSID
      const ValueRef id = pop();
      push_integer(add_storage(pickle_, pickle_.at(id), storage_by_key_), Kind::storage);
      return true;
    }
    }
    return false;
  }

  void reduce() {
    const ValueRef arguments = pop();
    const Value& function = pickle_.at(pop());
    if (function.kind == Kind::global && function.integer == rebuild_tensor_v2) {
      push_integer(add_tensor(pickle_, pickle_.at(arguments)), Kind::tensor);
      return;
    }
    // Python 2 pickles an OrderedDict with its items as arguments. Such a dict could be made of
    // another's items again and again; the model never ran under Python 2.
    if (function.kind != Kind::global || function.integer != ordered_dict ||
        pickle_.at(arguments).kind != Kind::tuple || !pickle_.at(arguments).items.empty())
      throw_damaged("something is called that cannot be");
    push(Kind::dict);
  }

  Value& push(Kind kind) {
    if (pickle_.values.size() >= max_values)
      throw_too_many_objects();
    stack_.push_back(static_cast<ValueRef>(pickle_.values.size()));
    Value& value = pickle_.values.emplace_back();
    value.kind = kind;
    return value;
  }

  void push_integer(int64_t integer, Kind kind = Kind::integer) { push(kind).integer = integer; }

  void push_string(uint64_t size, Kind kind = Kind::string) {
    const std::string_view text = reader_.take(size);
    push(kind).text = text;
  }

  void push_long(std::string_view bytes) {
    if (bytes.size() > 8) {
      push(Kind::big_integer).text = bytes;
      return;
    }
    uint64_t bits = load_little_endian(bytes.data(), bytes.size());
    const size_t width = bytes.size() * 8;
    if (width != 0 && width < 64 && (bits >> (width - 1)) != 0)
      bits |= ~uint64_t{0} << width; // the sign
    push_integer(static_cast<int64_t>(bits));
  }

  void push_decimal(std::string_view text) {
    if (!text.empty() && text.back() == 'L')
      text.remove_suffix(1);
    int64_t integer = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), integer);
    if (error == std::errc::result_out_of_range)
      push(Kind::big_integer);
    else if (error != std::errc() || end != text.data() + text.size())
      throw_damaged("a number is not one");
    else if (text == "00" || text == "01")
      push_integer(integer, Kind::boolean);
    else
      push_integer(integer);
  }

  uint64_t line_number() {
    const std::string_view text = reader_.line();
    uint32_t number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc() || end != text.data() + text.size())
      throw_damaged("a number is not one");
    return number;
  }

  /// Operations may take what lies above this position of the stack: above the last mark.
  size_t floor() const { return marks_.empty() ? 0 : marks_.back(); }

  ValueRef top() const {
    if (stack_.size() <= floor())
      throw_damaged("its pickle takes more values than it has put on the stack");
    return stack_.back();
  }

  ValueRef pop() {
    const ValueRef ref = top();
    stack_.pop_back();
    return ref;
  }

  std::vector<ValueRef> pop_last(size_t count) {
    if (stack_.size() - floor() < count)
      throw_damaged("its pickle takes more values than it has put on the stack");
    std::vector<ValueRef> items(stack_.end() - static_cast<std::ptrdiff_t>(count), stack_.end());
    stack_.resize(stack_.size() - count);
    return items;
  }

  std::vector<ValueRef> pop_to_mark() {
    if (marks_.empty())
      throw_damaged("its pickle misses a mark");
    std::vector<ValueRef> items = pop_last(stack_.size() - marks_.back());
    marks_.pop_back();
    return items;
  }

  void push_collected(Kind kind, std::vector<ValueRef> items) {
    push(kind).items = std::move(items);
  }

  void extend(Kind kind, const std::vector<ValueRef>& items) {
    Value& container = pickle_.values[top()];
    if (container.kind != kind)
      throw_damaged("items are put into something that has none");
    if (kind == Kind::dict && items.size() % 2 != 0)
      throw_damaged("a dictionary has a key without a value");
    container.items.insert(container.items.end(), items.begin(), items.end());
  }

  void memorize(uint64_t index) {
    // Python counts the indices up from 0.
    if (index >= max_memo)
      throw_too_many_objects();
    if (index >= memo_.size())
      memo_.resize(index + 1, no_value);
    memorized_ += memo_[index] == no_value;
    memo_[index] = top();
  }

  void recall(uint64_t index) {
    if (index >= memo_.size() || memo_[index] == no_value)
      throw_damaged("its pickle refers to something that is not there");
    stack_.push_back(memo_[index]);
  }

  ByteReader& reader_;
  uint64_t start_; // of the pickle
  Pickle pickle_;
  std::vector<ValueRef> stack_;
  std::vector<size_t> marks_;
  std::vector<ValueRef> memo_; // by index; no_value where there is none
  size_t memorized_ = 0;       // values in memo_
  StorageByKey storage_by_key_;
};

} // namespace

const Value* Pickle::find(const Value& dict, std::string_view key) const {
  const Value* found = nullptr;
  if (dict.kind == Value::Kind::dict)
    for (size_t i = 0; i + 1 < dict.items.size(); i += 2)
      if (at(dict.items[i]).kind == Value::Kind::string && at(dict.items[i]).text == key)
        found = &at(dict.items[i + 1]);
  return found;
}

uint64_t Pickle::storage_bytes() const {
  uint64_t bytes = 0;
  for (const PickledStorage& storage : storages) {
    // More than a file can have; the sum must not overflow.
    if (storage.count > (uint64_t{1} << 48) || bytes > (uint64_t{1} << 56))
      return uint64_t{1} << 56;
    bytes += storage.count * scalar_size(storage.type);
  }
  return bytes;
}

Pickle read_pickle(ByteReader& reader) { return Unpickler(reader).read(); }

Pickle read_pickle(std::string_view bytes) {
  ByteReader reader(bytes);
  return read_pickle(reader);
}

} // namespace fomo
