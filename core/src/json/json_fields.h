// SPDX-License-Identifier: Apache-2.0
#pragma once

// Reading JSON objects field by field: errors that name the field, and what was not read is kept.

#include <fmt/format.h>

#include <cstddef>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "moescope/error.h"

namespace moescope::json {

using Json = nlohmann::ordered_json;

/// Copying and writing a value recurse, and reading copies: a document of brackets alone would overflow the
/// stack.
constexpr std::ptrdiff_t kDeepestNesting = 64;

/// Counts the brackets that are open outside of strings, whether or not the text is JSON.
inline bool nests_too_deep(std::string_view text) {
    const auto brackets =
        std::count(text.begin(), text.end(), '[') + std::count(text.begin(), text.end(), '{');
    if (brackets <= kDeepestNesting) return false;  // a line of a session, say
    std::ptrdiff_t depth = 0;
    bool in_string = false;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const char c = text[i];
        if (c == '"') in_string = !in_string;
        if (in_string) {
            i += c == '\\' ? 1 : 0;
        } else if (c == '[' || c == '{') {
            if (++depth > kDeepestNesting) return true;
        } else if (c == ']' || c == '}') {
            --depth;
        }
    }
    return false;
}

/// Parses a document; Error naming `source` when it is not JSON, or nested as nothing of ours is.
inline Json parse(std::string_view text, const std::string& source) {
    if (nests_too_deep(text))
        throw Error(fmt::format("{}: nested over {} levels deep; the file is of another kind", source,
                                kDeepestNesting));
    try {
        return Json::parse(text);
    } catch (const nlohmann::json::exception&) {
        throw Error(fmt::format("{}: not valid JSON ({}); the file is truncated or of another kind", source,
                                text.empty() ? "empty" : fmt::format("{} bytes", text.size())));
    }
}

/// One object of a document while it is read.
class Fields {
  public:
    /// `where` is what errors call the object, e.g. "a.json: results[3]".
    Fields(const Json& object, std::string where) : m_object(object), m_where(std::move(where)) {
        if (!object.is_object()) throw Error(fmt::format("{}: expected an object {{...}}", m_where));
        m_known.resize(members().size());
    }

    /// The value, or null when absent or null. Either way the field counts as known.
    const Json* find(const char* name) {
        const std::string_view key(name);
        const Members& all = members();
        // Mostly fields are asked for in the order in which they were written: the next one is tried first.
        for (std::size_t tried = 0; tried < all.size(); ++tried, ++m_next) {
            if (m_next >= all.size()) m_next = 0;
            const auto& [member, value] = all[m_next];
            if (member != key) continue;
            m_known[m_next++] = true;
            return value.is_null() ? nullptr : &value;
        }
        return nullptr;
    }

    template <typename T>
    std::optional<T> optional(const char* name) {
        const Json* value = find(name);
        if (value == nullptr) return std::nullopt;
        return convert<T>(*value, name);
    }

    template <typename T>
    T get(const char* name, T fallback) {
        return optional<T>(name).value_or(std::move(fallback));
    }

    template <typename T>
    T require(const char* name) {
        const Json* value = find(name);
        if (value == nullptr) throw Error(fmt::format("{}: field '{}' is missing", m_where, name));
        return convert<T>(*value, name);
    }

    template <typename T>
    T convert(const Json& value, const char* name) const {
        if constexpr (std::is_same_v<T, bool>) {
            if (value.is_boolean()) return value.get<bool>();
        } else if constexpr (std::is_integral_v<T>) {
            if (value.is_number_unsigned()) return in_range<T>(value.get<std::uint64_t>(), name);
            if (value.is_number_integer()) return in_range<T>(value.get<std::int64_t>(), name);
            // Floats that hold a whole number are accepted: other programs write 1.0.
            if (value.is_number_float() && std::abs(value.get<double>()) < 9e15 &&
                value.get<double>() == static_cast<double>(static_cast<std::int64_t>(value.get<double>()))) {
                return in_range<T>(static_cast<std::int64_t>(value.get<double>()), name);
            }
        } else if constexpr (std::is_floating_point_v<T>) {
            if (value.is_number()) return value.get<T>();
        } else {
            if (value.is_string()) return value.get<std::string>();
        }
        throw Error(
            fmt::format("{}: field '{}' is of the wrong type ({})", m_where, name, value.type_name()));
    }

    std::string where(const char* name) const { return fmt::format("{}: {}", m_where, name); }

    /// JSON text of everything that was never asked for; empty when there is nothing.
    std::string rest() const {
        Json rest = Json::object();
        const Members& all = members();
        for (std::size_t i = 0; i < all.size(); ++i) {
            if (!m_known[i]) rest[all[i].first] = all[i].second;
        }
        return rest.empty() ? std::string() : rest.dump();
    }

  private:
    template <typename T, typename Whole>
    T in_range(Whole value, const char* name) const {
        if (!std::in_range<T>(value))
            throw Error(fmt::format("{}: field '{}' is {}, which is out of range", m_where, name, value));
        return static_cast<T>(value);
    }
    using Members = Json::object_t::Container;  ///< keys and values in the order written
    const Members& members() const { return m_object.get_ref<const Json::object_t&>(); }

    const Json& m_object;
    std::string m_where;
    std::vector<bool> m_known;  ///< of each member: somebody has asked for it
    std::size_t m_next = 0;     ///< member after the one found last
};

/// Puts back what rest() took out.
inline void restore(Json& object, const std::string& extra) {
    if (extra.empty()) return;
    const Json fields = Json::parse(extra);
    for (const auto& [key, value] : fields.items()) {
        if (!object.contains(key)) object[key] = value;
    }
}

/// null for nothing.
template <typename T>
Json nullable(const std::optional<T>& value) {
    return value ? Json(*value) : Json(nullptr);
}

}  // namespace moescope::json
