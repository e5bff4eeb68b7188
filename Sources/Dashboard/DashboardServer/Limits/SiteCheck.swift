internal import HTTPTypes
internal import Hummingbird

/// Which pages may have a browser ask.
///
/// On loopback whoever asks is the user, so a page from elsewhere that names an export or a recording as its picture would have
/// it handed out, and recorded, in the user's name.
enum SiteCheck {
    private static let fetchSite = HTTPField.Name.known("Sec-Fetch-Site")

    /// Refuses what a page from elsewhere has a browser send (403). Programs say nothing of where they are (W3C, "Fetch Metadata
    /// Request Headers"), and a person who types an address is nowhere.
    static func check(_ request: Request) throws(Problem) {
        let elsewhere = Problem(.forbidden, "this does not come from the dashboard's own page")
        if let site = request.headers[fetchSite], site != "same-origin", site != "none" { throw elsewhere }
        guard let origin = request.headers[.origin] else { return }
        let host = origin.drop { $0 != "/" }.drop { $0 == "/" }
        guard let authority = request.head.authority, host.lowercased() == authority.lowercased() else {
            throw elsewhere
        }
    }
}
