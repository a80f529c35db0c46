// SPDX-License-Identifier: Apache-2.0
#include "cli/flow_file.h"

#include <gtest/gtest.h>

namespace nav::cli {
namespace {

TEST(FlowFile, ReadsYamlAsTheApisJsonAndKnowsItsLines) {
  auto const file = read_flow_text(
      "name: digits\n"
      "components:\n"
      "  train:\n"
      "    kind: sweep\n"
      "    on: mig-1g.5gb\n"
      "    command: [python, inputs/train.py, --rate, '{{rate}}']\n"
      "    retries: 2\n"
      "    env: {SEED: 7}\n"
      "    inputs: {train.py: ./train.py}\n"
      "    grid:\n"
      "      rate: [0.1, 0.01]\n",
      "a/flow.yaml");
  ASSERT_TRUE(file) << file.error().message;
  EXPECT_EQ(file->json,
            R"({"name":"digits","components":{"train":{"kind":"sweep","on":["mig-1g.5gb"],"command":["python","inputs/train.py","--rate","{{rate}}"],)"
            R"("retries":2,"env":{"SEED":"7"},"inputs":{"train.py":"./train.py"},"grid":{"rate":["0.1","0.01"]}}}})");
  EXPECT_EQ(file->local_files, (std::map<std::string, std::string>{{"components.train.inputs.train.py", "./train.py"}}));
  EXPECT_EQ(file->with_place({ErrorKind::InvalidArgument, "there is no template", "", "definition.components.train.on[0]"}).message,
            "a/flow.yaml:5: there is no template");
  EXPECT_EQ(file->with_place({ErrorKind::InvalidArgument, "empty", "", "definition.components.train.grid.units"}).message, "a/flow.yaml:10: empty");
}

TEST(FlowFile, AStepOfEarlyStoppingIsANumberAndWhatAComponentComesAfterAList) {
  auto const file = read_flow_text(
      "name: digits\n"
      "components:\n"
      "  train:\n"
      "    kind: sweep\n"
      "    after: prepare\n"
      "    env: {after: 5}\n"
      "    early_stopping: {rule: asha, after: 2, eta: 3}\n",
      "flow.yaml");
  ASSERT_TRUE(file) << file.error().message;
  EXPECT_EQ(file->json, R"({"name":"digits","components":{"train":{"kind":"sweep","after":["prepare"],"env":{"after":"5"},)"
                        R"("early_stopping":{"rule":"asha","after":2,"eta":3}}}})");
}

TEST(FlowFile, SaysWhereTheYamlIsBroken) {
  EXPECT_EQ(read_flow_text("name: [a\n", "f.yaml").error().message.substr(0, 7), "f.yaml:");
  EXPECT_EQ(read_flow_text("- a\n", "f.yaml").error().message, "f.yaml is no flow");
  EXPECT_EQ(read_flow_text("name: a\nname: b\n", "f.yaml").error().message, "f.yaml:2: name stands here twice");
}

}  // namespace
}  // namespace nav::cli
