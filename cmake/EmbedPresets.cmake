# SPDX-License-Identifier: Apache-2.0
# cmake -DOUT=file.cpp -DFILES=a.json;b.json -P: writes the files as string literals.
set(code "// Generated from resources/presets; do not edit.\n#include \"workload/preset_data.h\"\n\nnamespace moescope {\n\n")
string(APPEND code "const std::vector<PresetFile>& preset_files() {\n    static const std::vector<PresetFile> files{\n")
foreach(file IN LISTS FILES)
  get_filename_component(name "${file}" NAME)
  file(READ "${file}" text)
  string(APPEND code "        {\"${name}\", R\"moescope(${text})moescope\"},\n")
endforeach()
string(APPEND code "    };\n    return files;\n}\n\n}  // namespace moescope\n")
file(WRITE "${OUT}" "${code}")
