#include "state_dict_pickle.hpp"

#include <taohf/base/text.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <optional>
#include <unordered_map>

namespace taohf::hub {

namespace {

constexpr std::size_t k_max_operations = 20'000'000;
constexpr std::size_t k_max_values = 2'000'000;
constexpr std::size_t k_max_text = 1u << 20;
constexpr std::size_t k_max_name = 1024;
constexpr std::size_t k_max_key = 255;
// One opcode of two bytes can name a large remembered value again and again: what is copied or
// walked at each use must be small.
constexpr std::size_t k_max_arguments = 16;
constexpr std::size_t k_max_rank = 64;
constexpr int k_max_unwrap = 4;

enum class Kind { mark, none, number, text, sequence, dict, global, storage, tensor, opaque };

struct Value {
    Kind kind = Kind::none;
    std::int64_t number = 0;
    std::string text;               ///< text, global "module.name", storage key
    std::vector<std::size_t> items; ///< sequence; dict: key, value, key, value, ...
    std::string dtype;
    std::uint64_t elements = 0; ///< of a storage
    std::vector<std::int64_t> shape;
};

struct StorageType {
    std::string_view name;
    std::string_view dtype;
    std::uint64_t bytes;
};

constexpr StorageType k_storages[] = {
    {"torch.FloatStorage", "F32", 4},
    {"torch.HalfStorage", "F16", 2},
    {"torch.BFloat16Storage", "BF16", 2},
    {"torch.DoubleStorage", "F64", 8},
    {"torch.LongStorage", "I64", 8},
    {"torch.IntStorage", "I32", 4},
    {"torch.ShortStorage", "I16", 2},
    {"torch.CharStorage", "I8", 1},
    {"torch.ByteStorage", "U8", 1},
    {"torch.BoolStorage", "BOOL", 1},
    {"torch.ComplexFloatStorage", "C64", 8},
    {"torch.storage.UntypedStorage", "U8", 1},
};

const StorageType* storage_type(std::string_view dtype_or_name) {
    for (const auto& row : k_storages)
        if (row.name == dtype_or_name || row.dtype == dtype_or_name)
            return &row;
    return nullptr;
}

/// Names a state dict may mention. None of them is ever called here.
bool allowed_global(std::string_view name) {
    static constexpr std::string_view names[] = {
        "collections.OrderedDict",
        "collections.Counter",
        "torch._utils._rebuild_tensor",
        "torch._utils._rebuild_tensor_v2",
        "torch._utils._rebuild_tensor_v3",
        "torch._utils._rebuild_parameter",
        "torch._utils._rebuild_qtensor",
        "torch._utils._rebuild_sparse_tensor",
        "torch.nn.parameter.Parameter",
        "torch.Size",
        "torch.Tensor",
        "torch.device",
        "torch.float32",
        "torch.float16",
        "torch.bfloat16",
        "torch.float64",
        "torch.int64",
        "torch.int32",
        "torch.uint8",
        "torch.bool",
        "_codecs.encode",
        "builtins.set",
        "__builtin__.set",
        "builtins.bytearray",
        "builtins.complex",
    };
    return storage_type(name) != nullptr ||
           std::find(std::begin(names), std::end(names), name) != std::end(names);
}

class PickleReader final {
public:
    PickleReader(std::string_view bytes, const std::string& name) : bytes_(bytes), name_(name) {}

    Result<std::vector<PickledTensor>> read() {
        for (std::size_t done = 0; !stopped_; ++done) {
            if (done > k_max_operations)
                return broken("more than 20,000,000 opcodes");
            if (values_.size() > k_max_values)
                return broken("more than 2,000,000 values");
            TAOHF_TRY(step());
        }
        if (at_ != bytes_.size())
            return broken("bytes follow the STOP opcode");
        if (stack_.size() != 1)
            return broken("it does not end with one object");
        return state_dict(stack_.back());
    }

private:
    tl::unexpected<Error> broken(const std::string& why) const {
        return fail(ErrorCode::input,
                    fmt::format("{} holds no readable state dict: {} (byte {} of its pickle)",
                                name_,
                                text::printable(why),
                                at_));
    }

    Result<std::string_view> take(std::size_t count) {
        if (bytes_.size() - at_ < count)
            return broken("the pickle is cut off");
        const auto piece = bytes_.substr(at_, count);
        at_ += count;
        return piece;
    }

    Result<std::uint64_t> take_integer(std::size_t bytes) {
        TAOHF_TRY_ASSIGN(const std::string_view piece, take(bytes));
        std::uint64_t value = 0;
        for (std::size_t i = bytes; i-- > 0;)
            value = (value << 8) | static_cast<unsigned char>(piece[i]);
        return value;
    }

    Result<std::string> take_line() {
        const auto end = bytes_.find('\n', at_);
        if (end == std::string_view::npos || end - at_ > k_max_text)
            return broken("a name has no end");
        std::string line(bytes_.substr(at_, end - at_));
        at_ = end + 1;
        return line;
    }

    void push(Value value) {
        values_.push_back(std::move(value));
        stack_.push_back(values_.size() - 1);
    }

    void push_kind(Kind kind) {
        Value value;
        value.kind = kind;
        push(std::move(value));
    }

    void push_number(std::int64_t number) {
        Value value;
        value.kind = Kind::number;
        value.number = number;
        push(std::move(value));
    }

    Result<std::size_t> pop() {
        if (stack_.empty() || values_[stack_.back()].kind == Kind::mark)
            return broken("an opcode finds no operand");
        const auto top = stack_.back();
        stack_.pop_back();
        return top;
    }

    Result<std::vector<std::size_t>> pop_to_mark() {
        std::vector<std::size_t> items;
        while (!stack_.empty() && values_[stack_.back()].kind != Kind::mark) {
            items.push_back(stack_.back());
            stack_.pop_back();
        }
        if (stack_.empty())
            return broken("a MARK is missing");
        stack_.pop_back();
        std::reverse(items.begin(), items.end());
        return items;
    }

    Status push_text(std::uint64_t size) {
        if (size > k_max_text)
            return broken("a text is longer than 1 MB");
        TAOHF_TRY_ASSIGN(const std::string_view piece, take(size));
        Value value;
        value.kind = Kind::text;
        value.text = std::string(piece);
        push(std::move(value));
        return {};
    }

    void push_sequence(std::vector<std::size_t> items) {
        Value value;
        value.kind = Kind::sequence;
        value.items = std::move(items);
        push(std::move(value));
    }

    Status push_tuple(std::size_t count) {
        std::vector<std::size_t> items(count);
        for (std::size_t i = count; i-- > 0;) {
            TAOHF_TRY_ASSIGN(items[i], pop());
        }
        push_sequence(std::move(items));
        return {};
    }

    Status push_global() {
        TAOHF_TRY_ASSIGN(const std::string module, take_line());
        TAOHF_TRY_ASSIGN(const std::string member, take_line());
        Value value;
        value.kind = Kind::global;
        value.text = module + "." + member;
        if (!allowed_global(value.text))
            return fail(ErrorCode::policy,
                        fmt::format("{} names the global {}, which is no part of a state dict; it "
                                    "could run code when loaded",
                                    name_,
                                    text::printable(value.text)),
                        "use a safetensors checkpoint of the model");
        push(std::move(value));
        return {};
    }

    Status push_long() {
        TAOHF_TRY_ASSIGN(const std::uint64_t size, take_integer(1));
        TAOHF_TRY_ASSIGN(const std::string_view piece, take(size));
        if (size > 8)
            return push_kind(Kind::opaque), Status();
        std::uint64_t value = 0;
        for (std::size_t i = 0; i < 8; ++i) {
            const bool negative = size > 0 && (static_cast<unsigned char>(piece[size - 1]) & 0x80);
            const unsigned char byte =
                i < size ? static_cast<unsigned char>(piece[i]) : (negative ? 0xff : 0x00);
            value |= static_cast<std::uint64_t>(byte) << (8 * i);
        }
        push_number(static_cast<std::int64_t>(value));
        return {};
    }

    Status memoize(std::size_t bytes) {
        TAOHF_TRY_ASSIGN(const std::uint64_t key, take_integer(bytes));
        if (stack_.empty())
            return broken("nothing to remember");
        memo_[key] = stack_.back();
        return {};
    }

    Status recall(std::size_t bytes) {
        TAOHF_TRY_ASSIGN(const std::uint64_t key, take_integer(bytes));
        const auto found = memo_.find(key);
        if (found == memo_.end())
            return broken("an unknown memo entry");
        stack_.push_back(found->second);
        return {};
    }

    Status add_items(const std::vector<std::size_t>& items, bool pairs) {
        if (pairs && items.size() % 2 != 0)
            return broken("a key has no value");
        if (stack_.empty())
            return broken("no container to fill");
        auto& target = values_[stack_.back()];
        if (target.kind == (pairs ? Kind::dict : Kind::sequence))
            target.items.insert(target.items.end(), items.begin(), items.end());
        else if (target.kind != Kind::opaque)
            return broken("a value is filled that is no container");
        return {};
    }

    /// ('storage', torch.FloatStorage, key, location, elements)
    Status push_storage() {
        TAOHF_TRY_ASSIGN(const std::size_t id, pop());
        const Value& tuple = values_[id];
        if (tuple.items.size() > k_max_arguments)
            return broken("a persistent id with more than 16 parts");
        if (tuple.kind != Kind::sequence || tuple.items.size() < 5 ||
            values_[tuple.items[0]].text != "storage")
            return broken("a persistent id is no storage");
        const auto* type = storage_type(values_[tuple.items[1]].text);
        const Value& elements = values_[tuple.items[4]];
        if (!type || elements.kind != Kind::number || elements.number < 0)
            return broken("a storage of an unknown type");
        Value storage;
        storage.kind = Kind::storage;
        storage.text = values_[tuple.items[2]].text;
        if (storage.text.size() > k_max_key)
            return broken("the key of a storage is longer than 255 bytes");
        storage.dtype = type->dtype;
        storage.elements = static_cast<std::uint64_t>(elements.number);
        push(std::move(storage));
        return {};
    }

    std::optional<std::vector<std::int64_t>> numbers(std::size_t id) const {
        std::vector<std::int64_t> found;
        if (values_[id].kind != Kind::sequence || values_[id].items.size() > k_max_rank)
            return std::nullopt;
        for (const auto item : values_[id].items) {
            if (values_[item].kind != Kind::number || values_[item].number < 0)
                return std::nullopt;
            found.push_back(values_[item].number);
        }
        return found;
    }

    /// Last element that offset, sizes and strides reach must lie in the storage.
    static bool fits(std::uint64_t elements,
                     std::int64_t offset,
                     const std::vector<std::int64_t>& shape,
                     const std::vector<std::int64_t>& strides) {
        std::int64_t last = offset;
        for (std::size_t i = 0; i < shape.size(); ++i) {
            std::int64_t step = 0;
            if (shape[i] == 0)
                return true;
            if (__builtin_mul_overflow(shape[i] - 1, strides[i], &step) ||
                __builtin_add_overflow(last, step, &last))
                return false;
        }
        return last >= 0 && static_cast<std::uint64_t>(last) < elements;
    }

    Status push_tensor(const Value& arguments) {
        if (arguments.items.size() < 4 || values_[arguments.items[0]].kind != Kind::storage)
            return broken("a tensor without storage");
        const auto shape = numbers(arguments.items[2]);
        const auto strides = numbers(arguments.items[3]);
        if (!shape || !strides || shape->size() != strides->size())
            return broken("a tensor whose sizes are no integers");
        const Value& offset = values_[arguments.items[1]];
        if (offset.kind != Kind::number || offset.number < 0)
            return broken("a tensor whose offset is no count");
        Value tensor = values_[arguments.items[0]];
        if (!fits(tensor.elements, offset.number, *shape, *strides))
            return broken("a tensor larger than its storage");
        tensor.kind = Kind::tensor;
        tensor.shape = *shape;
        push(std::move(tensor));
        return {};
    }

    Status reduce() {
        TAOHF_TRY_ASSIGN(const std::size_t argument_id, pop());
        TAOHF_TRY_ASSIGN(const std::size_t callable_id, pop());
        if (values_[argument_id].items.size() > k_max_arguments)
            return broken("a call with more than 16 arguments");
        const Value arguments = values_[argument_id];
        const Value callable = values_[callable_id];
        if (callable.kind != Kind::global || arguments.kind != Kind::sequence)
            return broken("something is called that has no name");
        if (callable.text == "collections.OrderedDict") {
            push_kind(Kind::dict);
        } else if (callable.text.starts_with("torch._utils._rebuild_tensor")) {
            return push_tensor(arguments);
        } else if (callable.text == "torch._utils._rebuild_parameter" && !arguments.items.empty()) {
            stack_.push_back(arguments.items[0]);
        } else if (callable.text == "torch.Size" && !arguments.items.empty()) {
            stack_.push_back(arguments.items[0]);
        } else {
            push_kind(Kind::opaque);
        }
        return {};
    }

    Status step() {
        TAOHF_TRY_ASSIGN(const std::uint64_t opcode, take_integer(1));
        switch (opcode) {
        case 0x80: // PROTO
            return take(1).map([](auto) {});
        case 'c': // GLOBAL
            return push_global();
        case 'R': // REDUCE
            return reduce();
        case 'Q': // BINPERSID
            return push_storage();
        case 0x81: // NEWOBJ
            TAOHF_TRY(pop());
            TAOHF_TRY(pop());
            return push_kind(Kind::opaque), Status();
        case 'b': // BUILD: the state of a dict is its _metadata
            return pop().map([](auto) {});
        case '.': // STOP
            stopped_ = true;
            return {};
        default:
            return step_data(opcode);
        }
    }

    Status step_data(std::uint64_t opcode) {
        switch (opcode) {
        case 'q': // BINPUT
            return memoize(1);
        case 'r': // LONG_BINPUT
            return memoize(4);
        case 'h': // BINGET
            return recall(1);
        case 'j': // LONG_BINGET
            return recall(4);
        case 'X': // BINUNICODE
            return take_integer(4).and_then([&](std::uint64_t size) { return push_text(size); });
        case 'U': // SHORT_BINSTRING
            return take_integer(1).and_then([&](std::uint64_t size) { return push_text(size); });
        case 'K': // BININT1
            return take_integer(1).map(
                [&](auto value) { push_number(static_cast<std::int64_t>(value)); });
        case 'M': // BININT2
            return take_integer(2).map(
                [&](auto value) { push_number(static_cast<std::int64_t>(value)); });
        case 'J': // BININT
            return take_integer(4).map([&](auto value) {
                push_number(static_cast<std::int32_t>(static_cast<std::uint32_t>(value)));
            });
        case 0x8a: // LONG1
            return push_long();
        case 'G': // BINFLOAT
            return take(8).map([&](auto) { push_kind(Kind::opaque); });
        default:
            return step_container(opcode);
        }
    }

    Status step_container(std::uint64_t opcode) {
        switch (opcode) {
        case '(': // MARK
            return push_kind(Kind::mark), Status();
        case 'N': // NONE
            return push_kind(Kind::none), Status();
        case 0x88: // NEWTRUE
        case 0x89: // NEWFALSE
            return push_number(opcode == 0x88 ? 1 : 0), Status();
        case '}': // EMPTY_DICT
            return push_kind(Kind::dict), Status();
        case ']':  // EMPTY_LIST
        case ')':  // EMPTY_TUPLE
        case 0x8f: // EMPTY_SET
            return push_kind(Kind::sequence), Status();
        case 't': // TUPLE
            return pop_to_mark().map([&](auto items) { push_sequence(std::move(items)); });
        case 0x85: // TUPLE1
        case 0x86: // TUPLE2
        case 0x87: // TUPLE3
            return push_tuple(opcode - 0x84);
        case 's': // SETITEM
        case 'a': // APPEND
            return set_last(opcode == 's' ? 2 : 1);
        case 'u': // SETITEMS
        case 'e': // APPENDS
            return pop_to_mark().and_then(
                [&](const auto& items) { return add_items(items, opcode == 'u'); });
        default:
            return broken(fmt::format("opcode 0x{:02x} is not one of a state dict", opcode));
        }
    }

    Status set_last(std::size_t count) {
        std::vector<std::size_t> items(count);
        for (std::size_t i = count; i-- > 0;) {
            TAOHF_TRY_ASSIGN(items[i], pop());
        }
        return add_items(items, count == 2);
    }

    bool has_tensor(const Value& dict) const {
        for (std::size_t i = 1; i < dict.items.size(); i += 2)
            if (values_[dict.items[i]].kind == Kind::tensor)
                return true;
        return false;
    }

    /// Training scripts wrap the state dict: {"model": {...}, "epoch": 3}.
    Result<std::size_t> unwrap(std::size_t id) const {
        static constexpr std::string_view wrappers[] = {
            "state_dict", "model", "model_state_dict", "model_ema", "module", "params", "net"};
        for (int depth = 0; depth < k_max_unwrap; ++depth) {
            const Value& dict = values_[id];
            if (dict.kind != Kind::dict)
                break;
            if (has_tensor(dict))
                return id;
            bool found = false;
            for (std::size_t i = 0; i + 1 < dict.items.size() && !found; i += 2) {
                const auto& key = values_[dict.items[i]].text;
                if (std::find(std::begin(wrappers), std::end(wrappers), key) == std::end(wrappers))
                    continue;
                id = dict.items[i + 1];
                found = true;
            }
            if (!found)
                break;
        }
        return broken("no dictionary of tensors is in it");
    }

    Result<std::vector<PickledTensor>> state_dict(std::size_t id) const {
        TAOHF_TRY_ASSIGN(const std::size_t dict_id, unwrap(id));
        const Value& dict = values_[dict_id];
        std::vector<PickledTensor> tensors;
        std::unordered_map<std::string_view, bool> seen;
        for (std::size_t i = 0; i + 1 < dict.items.size(); i += 2) {
            const Value& key = values_[dict.items[i]];
            const Value& value = values_[dict.items[i + 1]];
            if (key.kind != Kind::text || value.kind != Kind::tensor)
                continue;
            if (key.text.size() > k_max_name)
                return broken("a tensor name is longer than 1024 bytes");
            if (!seen.emplace(key.text, true).second)
                return broken(fmt::format("tensor {} appears twice", key.text));
            PickledTensor tensor;
            tensor.info.name = key.text;
            tensor.info.shape = value.shape;
            tensor.info.dtype = value.dtype;
            tensor.info.file = name_;
            tensor.storage = value.text;
            if (__builtin_mul_overflow(
                    value.elements, storage_type(value.dtype)->bytes, &tensor.storage_bytes))
                return broken("a storage size overflows");
            tensors.push_back(std::move(tensor));
        }
        return tensors;
    }

    std::string_view bytes_;
    std::string name_;
    std::size_t at_ = 0;
    bool stopped_ = false;
    std::vector<Value> values_;
    std::vector<std::size_t> stack_;
    std::unordered_map<std::uint64_t, std::size_t> memo_;
};

} // namespace

Result<std::vector<PickledTensor>> read_state_dict_pickle(std::string_view pickle,
                                                          const std::string& name) {
    return PickleReader(pickle, name).read();
}

} // namespace taohf::hub
