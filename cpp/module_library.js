// What the module calls, and what it does not need of embind: that registers every C++ type it can
// pass, whether or not it is passed, and has its own kinds of errors, overloads, and functions of 64-bit
// integers. Without the code for these the module is 6 kB smaller.

// Newer Emscriptens have a constant that the types we use need, and only some of these ask for.
const kept = ['$GenericWireTypeSize'].filter((name) => name in LibraryManager.library);

mergeInto(LibraryManager.library, {
  readClock: function () {
    return Module['clock']();
  },
  _embind_register_bool__deps: kept,
  _embind_register_bool: function () {},
  _embind_register_std_string__deps: [],
  _embind_register_std_string: function () {},
  _embind_register_std_wstring__deps: [],
  _embind_register_std_wstring: function () {},
  _embind_register_emval__deps: [],
  _embind_register_emval: function () {},
  _embind_register_memory_view__deps: [],
  _embind_register_memory_view: function () {},

  $throwBindingError__deps: [],
  $throwBindingError: function (message) {
    throw new Error(message);
  },
  $throwInternalError__deps: [],
  $throwInternalError: function (message) {
    throw new Error(message);
  },
  // Of a function whose types are not known, which no call can reach: all are numbers.
  $throwUnboundTypeError__deps: [],
  $throwUnboundTypeError: function (message) {
    throw new Error(message);
  },
  $exposePublicSymbol__deps: [],
  $exposePublicSymbol: function () {},
  $replacePublicSymbol__deps: [],
  $replacePublicSymbol: function (name, value) {
    Module[name] = value;
  },
  $getDynCaller__deps: [],
  $getDynCaller: function () {},
});
