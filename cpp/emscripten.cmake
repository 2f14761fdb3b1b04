# Toolchain file. It includes the toolchain file of the Emscripten whose emcc is on PATH: Debian's, or emsdk's.
find_program(EMCC emcc REQUIRED)
file(REAL_PATH "${EMCC}" emcc_real)
get_filename_component(EMSCRIPTEN_ROOT_PATH "${emcc_real}" DIRECTORY)
include("${EMSCRIPTEN_ROOT_PATH}/cmake/Modules/Platform/Emscripten.cmake")
# The default emulator passes Node a flag that Node 20 refuses.
find_program(NODE NAMES node nodejs REQUIRED CMAKE_FIND_ROOT_PATH_BOTH NO_CMAKE_FIND_ROOT_PATH)
set(CMAKE_CROSSCOMPILING_EMULATOR "${NODE}")
