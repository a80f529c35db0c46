// SPDX-License-Identifier: Apache-2.0
#include "client/s3_bucket.h"

#include <gtest/gtest.h>

#include <map>

namespace nav::client {
namespace {

using Variables = std::map<std::string, std::string>;

Result<S3Options> options_of(std::string const& address, Variables variables = {{"AWS_ACCESS_KEY_ID", "key"}, {"AWS_SECRET_ACCESS_KEY", "secret"}}) {
  return s3_options(address, [&](char const* name) { return variables[name]; });
}

TEST(S3Options, AreReadAsAmazonsToolsDo) {
  auto const plain = options_of("s3://models");
  ASSERT_TRUE(plain);
  EXPECT_EQ(plain->bucket, "models");
  EXPECT_EQ(plain->prefix, "");
  EXPECT_EQ(plain->region, "us-east-1");
  EXPECT_EQ(plain->endpoint, "");
  auto const all = options_of("s3://models/opennav/lab/", {{"AWS_ACCESS_KEY_ID", "key"},
                                                           {"AWS_SECRET_ACCESS_KEY", "secret"},
                                                           {"AWS_SESSION_TOKEN", "session"},
                                                           {"AWS_DEFAULT_REGION", "eu-central-1"},
                                                           {"AWS_ENDPOINT_URL", "https://everything.example.org"},
                                                           {"AWS_ENDPOINT_URL_S3", "https://minio.example.org:9000/"}});
  ASSERT_TRUE(all);
  EXPECT_EQ(all->prefix, "opennav/lab/");
  EXPECT_EQ(all->region, "eu-central-1");
  EXPECT_EQ(all->endpoint, "https://minio.example.org:9000");
  EXPECT_EQ(all->session_token, "session");
}

TEST(S3Options, NameWhatIsWrong) {
  for (auto const* address :
       {"", "models", "https://models", "s3://", "s3://ab", "s3://mo dels", "s3://models/a b", "s3://models/../other", "s3://models/a//b"}) {
    auto const refused = options_of(address);
    ASSERT_FALSE(refused) << address;
    EXPECT_EQ(refused.error().kind, ErrorKind::InvalidArgument);
    EXPECT_EQ(refused.error().field, "artifacts");
    EXPECT_FALSE(refused.error().hint.empty());
  }
  EXPECT_NE(options_of("s3://models", {{"AWS_ACCESS_KEY_ID", "key"}}).error().message.find("AWS_SECRET_ACCESS_KEY is not set"), std::string::npos);
  EXPECT_FALSE(options_of("s3://models", {{"AWS_ACCESS_KEY_ID", "key"}, {"AWS_SECRET_ACCESS_KEY", "secret"}, {"AWS_ENDPOINT_URL", "minio:9000"}}));
  EXPECT_FALSE(options_of("s3://models", {{"AWS_ACCESS_KEY_ID", "key"}, {"AWS_SECRET_ACCESS_KEY", "secret"}, {"AWS_REGION", "a b"}}));
}

TEST(S3Listing, IsReadAndNonsenseIsNot) {
  std::string const listing =
      "<?xml version=\"1.0\"?><ListBucketResult xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\"><Name>models</Name><Prefix>lab/</Prefix>"
      "<Contents><Key>lab/project-1/aa</Key><LastModified>2026-11-23T13:05:06.000Z</LastModified><Size>12</Size></Contents>"
      "<Contents><Key>lab/project-1/bb</Key><Size>0</Size></Contents></ListBucketResult>";
  auto const found = read_s3_listing(listing, "lab/");
  ASSERT_TRUE(found);
  ASSERT_EQ(found->size(), 2u);
  EXPECT_EQ(found->at(0).key, "project-1/aa");
  EXPECT_EQ(found->at(0).size, 12u);
  EXPECT_EQ(found->at(0).modified.us, 1795439106000000);  // 2026-11-23T13:05:06Z
  EXPECT_EQ(found->at(1).modified, Time{});
  EXPECT_TRUE(read_s3_listing("<ListBucketResult></ListBucketResult>", "lab/")->empty());
  for (auto const* nonsense : {"", "<html>", "<ListBucketResult><Contents><Key>elsewhere/aa</Key><Size>1</Size></Contents>",
                               "<ListBucketResult><Contents><Key>lab/aa</Key><Size>many</Size></Contents>", "<ListBucketResult><Contents><Key>lab/aa"})
    EXPECT_FALSE(read_s3_listing(nonsense, "lab/")) << nonsense;
}

}  // namespace
}  // namespace nav::client
