internal import Durable
public import Fault

/// Where the page's files are.
public struct PageFolders: Sendable {
    /// The page's own files, including `index.html`.
    public let page: String
    /// The page's libraries (Vue, ECharts), served under `/vendor/`; `nil` if they are in the page's own `vendor`.
    public let vendor: String?

    /// A page in a folder of the user's; its libraries are in its `vendor`, or otherwise where set-up has put them.
    public init(page: String) {
        self.page = page
        vendor = Folders.isFolder("\(page)/vendor") ? nil : Self.checkout().map { "\($0)/.deps/page" }
    }

    /// The page that belongs to this program: under an installation's prefix, or in the checkout it was built in (66 if
    /// neither exists).
    public init() throws(Fault) {
        let installed = Self.program.map { "\(Folders.parent(of: $0))/../../share/nocturne/page" }
        if let installed, Folders.exists("\(installed)/index.html") {
            self.init(page: installed)
        } else if let checkout = Self.checkout() {
            self.init(page: "\(checkout)/Sources/Dashboard/Page")
        } else {
            throw Fault(.missing, "the page is not beside this program; give the folder of index.html with --page")
        }
    }

    private static var program: String? { Folders.resolved("/proc/self/exe") }

    /// The checkout that contains a build folder.
    private static func checkout() -> String? {
        guard var at = program.map(Folders.parent) else { return nil }
        while at != "/" {
            if Folders.isFolder("\(at)/Sources/Dashboard/Page") { return at }
            at = Folders.parent(of: at)
        }
        return nil
    }
}
