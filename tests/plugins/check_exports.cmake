# SPDX-License-Identifier: Apache-2.0
# cmake -DNM= -DLIBRARY= -DHEADER= -P: the library exports what the header declares and nothing else.
execute_process(COMMAND "${NM}" -D --defined-only "${LIBRARY}" OUTPUT_VARIABLE table COMMAND_ERROR_IS_FATAL ANY)
string(REGEX MATCHALL " [TtWVDBRui] [A-Za-z0-9_]+" found "${table}")
list(TRANSFORM found REPLACE "^ . " "")
file(STRINGS "${HEADER}" declared REGEX "^MOESCOPE_ABI_EXPORT ")
list(TRANSFORM declared REPLACE ".*(moescope_[a-z_]+)\\(.*" "\\1")
list(SORT found)
list(SORT declared)
list(LENGTH declared count)
if(NOT found STREQUAL declared OR count LESS 6)
  message(FATAL_ERROR "${LIBRARY} exports\n  ${found}\nand ${HEADER} declares\n  ${declared}")
endif()
