#pragma once
namespace a {
template <class T> class B final : public C<T> { public: ~B() override = default; };
}
