internal import HTTPTypes
internal import Hummingbird

/// Which pages may send requests through a browser.
///
/// On loopback the browser's user needs no token, so a foreign page that embeds an export or a recording would fetch
/// it, and have it recorded, in the user's name.
enum SiteCheck {
    private static let fetchSite = HTTPField.Name.known("Sec-Fetch-Site")

    /// Refuses requests that a foreign page makes a browser send (403). Programs do not send these headers (W3C, "Fetch
    /// Metadata Request Headers"), and a typed URL has no site.
    static func check(_ request: Request) throws(HTTPProblem) {
        let elsewhere = HTTPProblem(.forbidden, "this does not come from the dashboard's own page")
        if let site = request.headers[fetchSite], site != "same-origin", site != "none" { throw elsewhere }
        guard let origin = request.headers[.origin] else { return }
        let host = origin.drop { $0 != "/" }.drop { $0 == "/" }
        guard let authority = request.head.authority, host.lowercased() == authority.lowercased() else {
            throw elsewhere
        }
    }
}
