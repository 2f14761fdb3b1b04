// What a request is for, and what that means for asking.
#pragma once

#include <cstdint>
#include <string_view>

namespace auth {

/// Fetch's request destinations (https://fetch.spec.whatwg.org/#concept-request-destination).
/// `Empty` is fetch(), XMLHttpRequest and EventSource; what the list lacks is `Other`.
enum class Destination : uint8_t {
  Empty, Audio, AudioWorklet, Document, Embed, Font, Frame, Iframe, Image, Json, Manifest, Object,
  PaintWorklet, Report, Script, ServiceWorker, SharedWorker, Style, Track, Video, Worker, Xslt, Other,
};
/// The same list by the platform's names, in the same order.
inline constexpr std::string_view kDestinationNames =
    ",audio,audioworklet,document,embed,font,frame,iframe,image,json,manifest,object,"
    "paintworklet,report,script,serviceworker,sharedworker,style,track,video,worker,xslt,other";

/// Worth asking for before any host is known: what cannot send the header itself, and what an app
/// does not need in order to start.
inline bool isAskedForCold(Destination destination) {
  switch (destination) {
    case Destination::Image:
    case Destination::Audio:
    case Destination::Video:
    case Destination::Track:
    case Destination::Empty:
      return true;
    default:
      return false;
  }
}

/// What an app starts from. Held while the page that would answer is still waiting for these very
/// requests, they stall its boot by a whole budget.
inline bool bootsTheApp(Destination destination) {
  switch (destination) {
    case Destination::Script:
    case Destination::Json:
    case Destination::Style:
    case Destination::Xslt:
    case Destination::AudioWorklet:
    case Destination::PaintWorklet:
    case Destination::Worker:
    case Destination::SharedWorker:
    case Destination::ServiceWorker:
    case Destination::Manifest:
    case Destination::Document:
    case Destination::Frame:
    case Destination::Iframe:
      return true;
    default:
      return false;
  }
}

}  // namespace auth
