# SPDX-License-Identifier: Apache-2.0
# Compiler settings, carried by the interface target moescope_options.

if(NOT CMAKE_BUILD_TYPE AND NOT CMAKE_CONFIGURATION_TYPES)
  set(CMAKE_BUILD_TYPE RelWithDebInfo CACHE STRING "" FORCE)
endif()
set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)

find_program(MOESCOPE_CCACHE ccache)
if(MOESCOPE_CCACHE)
  set(CMAKE_CXX_COMPILER_LAUNCHER "${MOESCOPE_CCACHE}")
  set(CMAKE_CUDA_COMPILER_LAUNCHER "${MOESCOPE_CCACHE}")
endif()

add_library(moescope_options INTERFACE)
# Host C++ only: nvcc would hand these to its own front end, whose generated code does not pass them.
target_compile_options(moescope_options INTERFACE
  "$<$<COMPILE_LANGUAGE:CXX>:-Wall;-Wextra;-Wpedantic;-Wshadow;-Wnon-virtual-dtor;-Wold-style-cast;-Wcast-qual;-Wconversion;-Wno-sign-conversion>")
# At -O3 GCC 12 and 13 see overlapping copies inside std::string that are not there (GCC bug 105651).
target_compile_options(moescope_options INTERFACE
  "$<$<AND:$<COMPILE_LANG_AND_ID:CXX,GNU>,$<CONFIG:Release>>:-Wno-restrict>")
# Bit-exact arithmetic: no contraction into fused multiply-add where the source does not ask for it.
target_compile_options(moescope_options INTERFACE "$<$<COMPILE_LANGUAGE:CXX>:-ffp-contract=off>")
if(MOESCOPE_WERROR)
  target_compile_options(moescope_options INTERFACE
    "$<$<COMPILE_LANGUAGE:CXX>:-Werror>" "$<$<COMPILE_LANGUAGE:CUDA>:-Werror=all-warnings>")
endif()

if(MOESCOPE_SANITIZE)
  add_compile_options("$<$<COMPILE_LANGUAGE:CXX>:-fsanitize=${MOESCOPE_SANITIZE};-fno-omit-frame-pointer;-fno-sanitize-recover=all>")
  add_link_options("-fsanitize=${MOESCOPE_SANITIZE}")
endif()
if(MOESCOPE_STATIC_RUNTIME)
  add_link_options(-static-libstdc++ -static-libgcc)
endif()

# moescope_precompile(TARGET HEADERS...): large headers of others that most of its sources read, parsed once. Only where
# MOESCOPE_PCH is on: elsewhere each source still has to include what it uses.
function(moescope_precompile target)
  if(MOESCOPE_PCH)
    target_precompile_headers(${target} PRIVATE ${ARGN})
  endif()
endfunction()

execute_process(COMMAND git -C "${CMAKE_SOURCE_DIR}" describe --always --dirty --abbrev=10
                OUTPUT_VARIABLE MOESCOPE_GIT OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET)
if(NOT MOESCOPE_GIT)
  set(MOESCOPE_GIT "unknown")
endif()
