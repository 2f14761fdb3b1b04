// What a request is for, and whether it may wait for an ask.
#pragma once

#include "base/named_enum.h"

namespace auth {

/// Fetch's request destinations (https://fetch.spec.whatwg.org/#concept-request-destination).
/// `Empty` is fetch(), XMLHttpRequest and EventSource. `Other` is everything that the list lacks.
AUTH_NAMED_ENUM(Destination, Small, Empty, Audio, AudioWorklet, Document, Embed, Font, Frame, Iframe, Image, Json,
                Manifest, Object, PaintWorklet, Report, Script, ServiceWorker, SharedWorker, Style, Track, Video,
                Worker, Xslt, Other);

/// Whether the worker asks a page about such a request on an origin that is no known host. It does so for media, which
/// cannot send the header themselves, and for fetch() and XMLHttpRequest. An app can start without these.
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

/// Whether an app needs such a request to boot. The page that would reply to an ask waits for the request, so holding
/// the request would delay the boot by a whole budget.
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
