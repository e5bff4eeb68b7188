// swift-tools-version: 6.2
import PackageDescription

// Where libtorch is: `make setup` puts it into .deps; LIBTORCH points at one that is there already.
let libtorch = Context.environment["LIBTORCH"] ?? Context.packageDirectory + "/.deps/libtorch"

// docs/architecture.md explains the floors; `make check` compares its table with this manifest.
let swiftSettings: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .treatAllWarnings(as: .error),
]

func library(_ name: String, on floor: String, _ dependencies: [Target.Dependency] = []) -> Target {
    .target(
        name: name, dependencies: dependencies, path: "Sources/\(floor)/\(name)", swiftSettings: swiftSettings)
}

func tool(_ name: String, _ dependencies: [Target.Dependency]) -> Target {
    .executableTarget(
        name: name,
        dependencies: dependencies + ["Fault", "ToolKit", .product(name: "ArgumentParser", package: "swift-argument-parser")],
        path: "Sources/Tools/\(name)", swiftSettings: swiftSettings)
}

func tests(_ name: String, _ dependencies: [Target.Dependency]) -> Target {
    .testTarget(name: name, dependencies: dependencies, path: "Tests/\(name)", swiftSettings: swiftSettings)
}

func system(_ name: String, pkgConfig: String, apt: String) -> Target {
    .systemLibrary(name: name, path: "Sources/C/\(name)", pkgConfig: pkgConfig, providers: [.apt([apt])])
}

let argumentParser: Target.Dependency = .product(name: "ArgumentParser", package: "swift-argument-parser")

let package = Package(
    name: "nocturne",
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", exact: "1.8.2"),
    ],
    targets: [
        // 0: C
        system("CCrypto", pkgConfig: "libcrypto", apt: "libssl-dev"),
        .systemLibrary(name: "CSystem", path: "Sources/C/CSystem"),

        // 1: Base
        library("Fault", on: "Base"),
        library("JSON", on: "Base"),
        library("Durable", on: "Base", ["CSystem", "Fault"]),
        library("Workers", on: "Base"),

        // 2: Bindings
        library("Digests", on: "Bindings", ["CCrypto"]),

        // 3: Batches
        library("BatchFormat", on: "Batches", ["Digests", "Durable", "Fault", "JSON"]),

        // Tests
    ],
    cxxLanguageStandard: .cxx20
)
