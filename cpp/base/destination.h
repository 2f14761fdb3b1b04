// What a request is for, and whether it may wait for an ask.
#pragma once

#include "base/named_enum.h"

namespace auth {

/// Fetch's request destinations (https://fetch.spec.whatwg.org/#concept-request-destination).
/// `Empty` is fetch(), XMLHttpRequest and EventSource. `Other` is everything that the list lacks.
AUTH_NAMED_ENUM(Destination, Small, Empty, Audio, AudioWorklet, Document, Embed, Font, Frame, Iframe, Image, Json,
                Manifest, Object, PaintWorklet, Report, Script, ServiceWorker, SharedWorker, Style, Track, Video,
                Worker, Xslt, Other);

/// Whether a page is asked about such a request when its origin is not known as a host. So it is for media, which
/// cannot send the header themselves, and for fetch() and XMLHttpRequest. An app does not need them in order to start.
inline bool isAskedAboutOnUnknownHost(Destination destination) {
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

/// Whether an app boots from such a request. The page that would answer an ask waits for it, so holding it would delay
/// the boot by a whole budget.
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
