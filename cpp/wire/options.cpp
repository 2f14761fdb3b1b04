#include "wire/options.h"

#include "wire/json_object.h"

namespace auth {

namespace {

bool isFlag(const JsonMember& member) { return member.isTrue() || member.kind == JsonMember::Kind::Falsy; }

bool isCredentials(const JsonMember& member) {
  return member.kind == JsonMember::Kind::Falsy || member.text == "omit" || member.text == "same-origin" ||
         member.text == "include";
}

}  // namespace

Options readOptions(std::string_view text) {
  JsonMember authorizesNavigations, askUnknownHosts, keepsState, isAfterFailure, abortsOldFetches, debug;
  JsonMember scriptURL, hashKey;
  JsonMember refusesRedirects, standalone, credentials;
  const bool isObject = readObject(text, {{"authorizesNavigations", authorizesNavigations},
                                          {"askUnknownHosts", askUnknownHosts},
                                          {"keepsState", keepsState},
                                          {"isAfterFailure", isAfterFailure},
                                          {"abortsOldFetches", abortsOldFetches},
                                          {"debug", debug},
                                          {"scriptURL", scriptURL},
                                          {"hashKey", hashKey},
                                          {"refusesRedirects", refusesRedirects},
                                          {"standalone", standalone},
                                          {"credentials", credentials}});
  Options options;
  options.isWellFormed = isObject && isCredentials(credentials);
  if (!isObject) return options;
  const auto flag = [&](const JsonMember& member) {
    options.isWellFormed = options.isWellFormed && isFlag(member);
    return member.isTrue();
  };
  options.authorizesNavigations = flag(authorizesNavigations);
  options.askUnknownHosts = flag(askUnknownHosts);
  options.keepsState = flag(keepsState);
  options.isAfterFailure = flag(isAfterFailure);
  options.abortsOldFetches = flag(abortsOldFetches);
  options.debug = flag(debug);
  flag(refusesRedirects);
  flag(standalone);
  options.scriptURL = std::move(scriptURL.text);
  options.hashKey = HashKey::fromHex(hashKey.text).value_or(HashKey{});
  return options;
}

}  // namespace auth
