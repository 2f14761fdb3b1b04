// What the module calls, and what it does not need of embind, which has its own kinds of errors, overloads, and functions
// of 64-bit integers. small_libc.cpp has the rest. Without the code for all these the module is 6 kB smaller.

// Newer Emscriptens have a constant that the types we use need, and only some that we do not use ask for it.
const kept = ['$GenericWireTypeSize'].filter((name) => name in LibraryManager.library);

mergeInto(LibraryManager.library, {
  readClock__deps: kept,
  readClock: function () {
    return Module['clock']();
  },

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
