#include <vector>
namespace a::b {
template <typename... Ts> requires (sizeof...(Ts) > 0)
constexpr auto sum(Ts&&... xs) noexcept -> decltype(auto) {
  if constexpr (true) { auto f = [&, n = 1](auto x) mutable { return x <=> n; }; }
  return (xs + ...);
}
struct S { int x{0}; explicit operator bool() const & { return x; } S& operator=(S&&) = delete; };
enum class E : unsigned char { A = 0b1'000, };
auto s = R"x(a")x";
}
