# SPDX-License-Identifier: Apache-2.0
# cmake -DSOURCE=kernels/triton -DOUT=file.cpp -DWORK=folder -P: unpacks the compiled Triton kernels into WORK and writes
# a source that holds them, their manifest and the Triton source in the program itself. Of the PTX only the oldest
# architecture's: the newer ones' runs on exactly that architecture, whose machine code is there.
file(REMOVE_RECURSE "${WORK}")
file(ARCHIVE_EXTRACT INPUT "${SOURCE}/generated/kernels.tar.xz" DESTINATION "${WORK}")
file(GLOB cubins "${WORK}/*.cubin")
file(GLOB ptx "${WORK}/sm89-*.ptx")
set(files ${cubins} ${ptx} "${SOURCE}/generated/manifest.json" "${SOURCE}/silu_mul_quant.py" "${SOURCE}/compile.py")

set(blobs "")
set(symbols "")
set(table "")
set(index 0)
foreach(file IN LISTS files)
  get_filename_component(name "${file}" NAME)
  # A zero follows each: PTX is handed over as a C string.
  string(APPEND blobs "    EMBED(\"${index}\", \"${file}\")\n")
  string(APPEND symbols "extern const char moescope_triton_${index}[];\nextern const char moescope_triton_end_${index}[];\n")
  string(APPEND table "        {\"${name}\", {moescope_triton_${index}, moescope_triton_end_${index}}},\n")
  math(EXPR index "${index} + 1")
endforeach()

file(WRITE "${OUT}" "// Generated from kernels/triton; do not edit.
#include \"embedded_files.h\"

#define EMBED(index, file) \\
    \".balign 16\\n.globl moescope_triton_\" index \"\\n.hidden moescope_triton_\" index \"\\nmoescope_triton_\" index \":\\n\" \\
    \".incbin \\\"\" file \"\\\"\\n\" \\
    \".globl moescope_triton_end_\" index \"\\n.hidden moescope_triton_end_\" index \"\\nmoescope_triton_end_\" index \":\\n.byte 0\\n\"

asm(\".pushsection .rodata\\n\"
${blobs}    \".popsection\\n\");

extern \"C\" {
${symbols}}

namespace moescope::triton {

const std::vector<EmbeddedFile>& embedded_files() {
    static const std::vector<EmbeddedFile> files{
${table}    };
    return files;
}

}  // namespace moescope::triton
")
