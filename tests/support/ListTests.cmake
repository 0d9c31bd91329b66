# Writes the add_test() lines for each case that PROGRAM --list names.
execute_process(COMMAND ${PROGRAM} --list OUTPUT_VARIABLE cases RESULT_VARIABLE result)
if(NOT result EQUAL 0)
    message(FATAL_ERROR "${PROGRAM} --list failed: ${result}")
endif()
string(REPLACE "\n" ";" cases "${cases}")
set(lines "")
foreach(case ${cases})
    string(APPEND lines "add_test([=[${case}]=] [=[${PROGRAM}]=] --run [=[${case}]=])\n"
        "set_tests_properties([=[${case}]=] PROPERTIES LABELS ${LABEL} TIMEOUT ${TIMEOUT} SKIP_RETURN_CODE 77)\n")
endforeach()
file(WRITE ${LIST} "${lines}")
