// A reference to a callable. A function that takes one need not be a template, so its code exists once.
#pragma once

namespace auth {

template <typename Signature>
class FunctionRef;

/// The callable must outlive this.
template <typename Result, typename... Args>
class FunctionRef<Result(Args...)> {
 public:
  template <typename Callable>
  FunctionRef(const Callable& callable)
      : callable_(&callable),
        call_([](const void* called, Args... args) -> Result {
          return (*static_cast<const Callable*>(called))(static_cast<Args>(args)...);
        }) {}

  Result operator()(Args... args) const { return call_(callable_, static_cast<Args>(args)...); }

 private:
  const void* callable_;
  Result (*call_)(const void*, Args...);
};

}  // namespace auth
