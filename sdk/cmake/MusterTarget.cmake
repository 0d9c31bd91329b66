# How plugins are built, Muster's own and everybody else's. An installed SDK brings this file with
# find_package(MusterSDK).
include_guard()

# muster_plugin_library(TARGET NAME FOLDER MANIFEST SOURCE...)
# The library NAME.so in FOLDER, with its plugin.json beside it as NAME.json. Nothing is visible but
# what says so, and a symbol that is missing is an error now and not in the middle of a run.
function(muster_plugin_library target name folder manifest)
    add_library(${target} MODULE ${ARGN})
    target_link_options(${target} PRIVATE -Wl,-z,defs -Wl,-z,now)
    if(MUSTER_SANITIZE)
        # The sanitizers' runtime stays in the host program; a plugin resolves it when loaded.
        target_link_options(${target} PRIVATE -Wl,-z,undefs)
    endif()
    set_target_properties(${target} PROPERTIES
        PREFIX "" OUTPUT_NAME ${name} LIBRARY_OUTPUT_DIRECTORY ${folder}
        POSITION_INDEPENDENT_CODE ON
        CXX_VISIBILITY_PRESET hidden C_VISIBILITY_PRESET hidden VISIBILITY_INLINES_HIDDEN ON)
    get_filename_component(manifest ${manifest} ABSOLUTE)
    add_custom_command(OUTPUT ${folder}/${name}.json
        COMMAND ${CMAKE_COMMAND} -E copy ${manifest} ${folder}/${name}.json
        DEPENDS ${manifest})
    target_sources(${target} PRIVATE ${folder}/${name}.json)
endfunction()

# muster_add_target(NAME [SOURCES FILE...] [MANIFEST FILE] [LIBRARIES LIBRARY...] [FOLDER FOLDER])
# A target plugin: the CMake target targets_NAME, which makes NAME.so and NAME.json in FOLDER.
#   SOURCES    left out: all *.cpp and *.c of this folder
#   MANIFEST   left out: plugin.json of this folder
#   LIBRARIES  that it needs beside the SDK; it exports none of them
#   FOLDER     left out: lib/muster/targets of the build, where `plugins.path = BUILD/lib/muster`
#              finds it
function(muster_add_target name)
    cmake_parse_arguments(PARSE_ARGV 1 TARGET "" "MANIFEST;FOLDER" "SOURCES;LIBRARIES")
    if(TARGET_UNPARSED_ARGUMENTS)
        message(FATAL_ERROR "muster_add_target(${name}): unknown: ${TARGET_UNPARSED_ARGUMENTS}")
    endif()
    if(NOT TARGET_SOURCES)
        file(GLOB TARGET_SOURCES CONFIGURE_DEPENDS *.cpp *.c)
    endif()
    if(NOT TARGET_MANIFEST)
        set(TARGET_MANIFEST ${CMAKE_CURRENT_SOURCE_DIR}/plugin.json)
    endif()
    if(NOT TARGET_FOLDER)
        set(TARGET_FOLDER ${PROJECT_BINARY_DIR}/lib/muster/targets)
    endif()
    muster_plugin_library(targets_${name} ${name} ${TARGET_FOLDER} ${TARGET_MANIFEST}
        ${TARGET_SOURCES})
    target_link_libraries(targets_${name} PRIVATE MusterSDK::sdk ${TARGET_LIBRARIES})
    # It exports muster_plugin and nothing else, whatever is linked into it.
    set(map ${CMAKE_CURRENT_FUNCTION_LIST_DIR}/target.map)
    target_link_options(targets_${name} PRIVATE -Wl,--version-script=${map})
    set_property(TARGET targets_${name} APPEND PROPERTY LINK_DEPENDS ${map})
    if(COMMAND muster_unity)
        muster_unity(targets_${name})
    endif()
endfunction()

# muster_add_check(NAME SOURCES FILE... [TRIAL FILE])
# The program NAME-check, which tries the target NAME with the contract suite, and its entry in
# CTest.
#   SOURCES  hold its main, which calls muster::testing::checkTarget() (CheckTarget.h) with a
#            sandbox
#   TRIAL    what the target is tried with; left out: trial.json of this folder
function(muster_add_check name)
    cmake_parse_arguments(PARSE_ARGV 1 CHECK "" "TRIAL" "SOURCES")
    if(CHECK_UNPARSED_ARGUMENTS OR NOT CHECK_SOURCES)
        message(FATAL_ERROR "muster_add_check(${name}) takes SOURCES and TRIAL")
    endif()
    if(NOT CHECK_TRIAL)
        set(CHECK_TRIAL ${CMAKE_CURRENT_SOURCE_DIR}/trial.json)
    endif()
    add_executable(${name}-check ${CHECK_SOURCES})
    target_link_libraries(${name}-check PRIVATE MusterSDK::testing)
    set_target_properties(${name}-check PROPERTIES
        RUNTIME_OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR}/bin ENABLE_EXPORTS ON)
    add_dependencies(${name}-check targets_${name})
    add_test(NAME ${name} COMMAND ${name}-check $<TARGET_FILE:targets_${name}> --trial ${CHECK_TRIAL})
endfunction()
