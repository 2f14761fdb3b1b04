// What the module calls, and what it does not need of embind: that registers every C++ type it can
// pass, whether or not it is passed. Without the code for these the module is 4 kB smaller.

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
});
