// SPDX-License-Identifier: Apache-2.0
#include "json/plain_json.h"

#include <charconv>
#include <cmath>

namespace moescope::json {
namespace {

constexpr int kDeepest = 32;
constexpr std::size_t kUsualKeys = 24;
constexpr std::size_t kUsualElements = 32;

class PlainParser {
  public:
    explicit PlainParser(std::string_view text) : m_at(text.data()), m_end(text.data() + text.size()) {}

    std::optional<Json> read() {
        Json document;
        if (!value(document, 0)) return std::nullopt;
        skip_blanks();
        if (m_at != m_end) return std::nullopt;
        return document;
    }

  private:
    void skip_blanks() {
        while (m_at != m_end && (*m_at == ' ' || *m_at == '\t')) ++m_at;
    }

    bool take(char c) {
        skip_blanks();
        if (m_at == m_end || *m_at != c) return false;
        ++m_at;
        return true;
    }

    bool take(std::string_view word) {
        if (std::string_view(m_at, static_cast<std::size_t>(m_end - m_at)).substr(0, word.size()) != word)
            return false;
        m_at += word.size();
        return true;
    }

    bool value(Json& out, int depth) {
        skip_blanks();
        if (m_at == m_end || depth > kDeepest) return false;
        switch (*m_at) {
            case '{':
                return object(out, depth);
            case '[':
                return array(out, depth);
            case '"': {
                std::string_view content;
                if (!string(content)) return false;
                out = Json(std::string(content));
                return true;
            }
            case 't':
                out = true;
                return take("true");
            case 'f':
                out = false;
                return take("false");
            case 'n':
                out = nullptr;
                return take("null");
            default:
                return number(out);
        }
    }

    bool string(std::string_view& out) {
        const char* first = ++m_at;
        for (; m_at != m_end && *m_at != '"'; ++m_at) {
            const auto c = static_cast<unsigned char>(*m_at);
            if (c < 0x20 || c >= 0x7f || c == '\\') return false;
        }
        if (m_at == m_end) return false;
        out = {first, static_cast<std::size_t>(m_at - first)};
        ++m_at;
        return true;
    }

    static bool is_digit(char c) { return c >= '0' && c <= '9'; }

    /// -? (0 | [1-9][0-9]*) (.[0-9]+)? ([eE][+-]?[0-9]+)?
    bool number(Json& out) {
        const char* first = m_at;
        const bool negative = *m_at == '-';
        if (negative) ++m_at;
        if (m_at == m_end || !is_digit(*m_at)) return false;
        if (*m_at == '0' && m_at + 1 != m_end && is_digit(m_at[1])) return false;
        while (m_at != m_end && is_digit(*m_at)) ++m_at;
        bool whole = true;
        if (m_at != m_end && *m_at == '.') {
            whole = false;
            ++m_at;
            if (!digits()) return false;
        }
        if (m_at != m_end && (*m_at == 'e' || *m_at == 'E')) {
            whole = false;
            ++m_at;
            if (m_at != m_end && (*m_at == '+' || *m_at == '-')) ++m_at;
            if (!digits()) return false;
        }
        // The library's kinds of number: unsigned, with a sign, float. What does not fit is for it to judge.
        if (!whole) return convert<double>(first, out);
        return negative ? convert<std::int64_t>(first, out) : convert<std::uint64_t>(first, out);
    }

    bool digits() {
        const char* first = m_at;
        while (m_at != m_end && is_digit(*m_at)) ++m_at;
        return m_at != first;
    }

    template <typename Number>
    bool convert(const char* first, Json& out) const {
        Number number{};
        const auto [end, error] = std::from_chars(first, m_at, number);
        if (error != std::errc() || end != m_at) return false;
        out = number;
        return true;
    }

    bool array(Json& out, int depth) {
        ++m_at;
        out = Json::array();
        auto& elements = out.get_ref<Json::array_t&>();
        if (take(']')) return true;
        elements.reserve(kUsualElements);
        do {
            elements.emplace_back();
            if (!value(elements.back(), depth + 1)) return false;
        } while (take(','));
        return take(']');
    }

    bool object(Json& out, int depth) {
        ++m_at;
        out = Json::object();
        auto& members = static_cast<Json::object_t::Container&>(out.get_ref<Json::object_t&>());
        if (take('}')) return true;
        // Keys are constant: growing would copy each.
        members.reserve(kUsualKeys);
        do {
            std::string_view key;
            skip_blanks();
            if (m_at == m_end || *m_at != '"' || !string(key) || !take(':')) return false;
            for (const auto& member : members)
                if (member.first == key) return false;
            members.emplace_back(std::string(key), Json());
            if (!value(members.back().second, depth + 1)) return false;
        } while (take(','));
        return take('}');
    }

    const char* m_at;
    const char* m_end;
};

}  // namespace

std::optional<Json> parse_plain(std::string_view text) {
    return PlainParser(text).read();
}

}  // namespace moescope::json
