# Writes the add_test() lines for each case that PROGRAM --list names and ONLY matches, with PREFIX
# before its name and the variable VARIABLE set for it.
cmake_policy(VERSION 3.25)
execute_process(COMMAND ${PROGRAM} --list OUTPUT_VARIABLE cases RESULT_VARIABLE result)
if(NOT result EQUAL 0)
    message(FATAL_ERROR "${PROGRAM} --list failed: ${result}")
endif()
string(REPLACE "\n" ";" cases "${cases}")
if(ONLY)
    list(FILTER cases INCLUDE REGEX "${ONLY}")
endif()
set(lines "")
foreach(case ${cases})
    string(APPEND lines "add_test([=[${PREFIX}${case}]=] [=[${PROGRAM}]=] --run [=[${case}]=])\n"
        "set_tests_properties([=[${PREFIX}${case}]=] PROPERTIES ENVIRONMENT [=[${VARIABLE}]=] LABELS ${LABEL} TIMEOUT ${TIMEOUT} SKIP_RETURN_CODE 77)\n")
endforeach()
file(WRITE ${LIST} "${lines}")
