#include "wire/announcement.h"

#include "base/normal_url.h"

namespace auth {

namespace {

std::vector<std::string> takeTexts(JsonMember& list) {
  std::vector<std::string> texts;
  if (!list.isArray()) return texts;
  texts.reserve(list.items.size());
  for (JsonItem& item : list.items) texts.push_back(std::move(item.text));
  return texts;
}

}  // namespace

std::optional<Announcement> AnnouncementMembers::take() {
  if (!origins.isArray()) return std::nullopt;
  Announcement announcement{takeTexts(origins), complete.isTrue(), takeTexts(publicRealms)};
  for (std::string& realm : announcement.publicRealms) normalise(realm);
  return announcement;
}

}  // namespace auth
