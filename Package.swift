// swift-tools-version: 6.2
import PackageDescription

// Where libtorch is: `make setup` puts it into .deps; LIBTORCH points at one that is there already.
let libtorch = Context.environment["LIBTORCH"] ?? Context.packageDirectory + "/.deps/libtorch"

// `make faults` builds the parsers with libFuzzer and AddressSanitizer, in a tree of its own.
let isFuzzer = Context.environment["NOCTURNE_FUZZER"] != nil

let commit: String = {
    guard let git = Context.gitInformation else { return "unknown" }
    return String(git.currentCommit.prefix(9)) + (git.hasUncommittedChanges ? "+" : "")
}()

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
        dependencies: dependencies + [
            "Fault", "ToolKit", .product(name: "ArgumentParser", package: "swift-argument-parser"),
        ],
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
    products: [
        // infer opens this library at run time, so that nobody pays for libtorch who does not run a model.
        .library(name: "nocturne-torch", type: .dynamic, targets: ["TorchShim"])
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", exact: "1.8.2"),
        .package(url: "https://github.com/LebJe/TOMLKit", exact: "0.6.0"),
        .package(url: "https://github.com/groue/GRDB.swift", exact: "7.10.0"),
        // Of the dashboard alone; without Hummingbird's traits there is less to build.
        .package(url: "https://github.com/hummingbird-project/hummingbird", exact: "2.28.1", traits: []),
        .package(url: "https://github.com/apple/swift-http-types", exact: "1.8.0"),
        .package(url: "https://github.com/apple/swift-log", exact: "1.16.2"),
        .package(url: "https://github.com/apple/swift-nio", exact: "2.101.2"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", exact: "2.13.0"),
    ],
    targets: [
        // 0: C
        system("CCrypto", pkgConfig: "libcrypto", apt: "libssl-dev"),
        system("CCurl", pkgConfig: "libcurl", apt: "libcurl4-openssl-dev"),
        system("CPQ", pkgConfig: "libpq", apt: "libpq-dev"),
        system("CSamplerate", pkgConfig: "samplerate", apt: "libsamplerate0-dev"),
        system("CSndfile", pkgConfig: "sndfile", apt: "libsndfile1-dev"),
        system("CSoxr", pkgConfig: "soxr", apt: "libsoxr-dev"),
        .target(name: "CFourier", path: "Sources/C/CFourier"),
        .target(name: "CTorch", path: "Sources/C/CTorch"),
        .target(
            name: "TorchShim", dependencies: ["CTorch"], path: "Sources/C/TorchShim",
            exclude: ["exports.map"],
            cxxSettings: [
                .unsafeFlags([
                    "-isystem", libtorch + "/include",
                    "-isystem", libtorch + "/include/torch/csrc/api/include",
                    "-fno-cxx-modules", "-fvisibility=hidden", "-fvisibility-inlines-hidden",
                ])
            ],
            linkerSettings: [
                .unsafeFlags([
                    "-L" + libtorch + "/lib", "-Xlinker", "-rpath", "-Xlinker", libtorch + "/lib",
                    "-Xlinker", "--version-script=" + Context.packageDirectory + "/Sources/C/TorchShim/exports.map",
                ]),
                .linkedLibrary("torch"), .linkedLibrary("torch_cpu"), .linkedLibrary("c10"),
            ]),
        .systemLibrary(name: "CSyscalls", path: "Sources/C/CSyscalls"),
        .target(name: "CManyHashes", path: "Sources/C/CManyHashes", exclude: ["lanes.h"]),
        .target(
            name: "CBuildInfo", path: "Sources/C/CBuildInfo",
            cSettings: [
                .define("NOCTURNE_VERSION", to: "\"0.1.0\""), .define("NOCTURNE_COMMIT", to: "\"\(commit)\""),
            ]),

        // 1: Base
        library("Dates", on: "Base"),
        library("Fault", on: "Base"),
        library("JSON", on: "Base"),
        library("Durable", on: "Base", ["CSyscalls", "Fault"]),
        library("Prometheus", on: "Base"),
        library("Signal", on: "Base", ["CFourier"]),
        library("Memory", on: "Base", ["CSyscalls"]),
        library("Workers", on: "Base"),

        // 2: Bindings
        library("Digests", on: "Bindings", ["CCrypto", "CManyHashes"]),
        library("PostgresClient", on: "Bindings", ["CPQ", "Fault", "JSON"]),
        library("Resampling", on: "Bindings", ["CSamplerate", "CSoxr", "Fault"]),
        library("SoundFile", on: "Bindings", ["CSndfile", "Fault"]),
        library("TOMLText", on: "Bindings", ["Dates", .product(name: "TOMLKit", package: "TOMLKit")]),
        library("TorchModel", on: "Bindings", ["CTorch", "Fault"]),
        library("Transfer", on: "Bindings", ["CCurl", "Dates", "Durable", "Fault", "Workers"]),

        // 3: Batches
        library("Alerts", on: "Batches", ["Digests", "Durable", "Fault", "JSON", "Transfer", "Workers"]),
        library("BatchFormat", on: "Batches", ["Dates", "Digests", "Durable", "Fault", "JSON"]),
        library("ObjectStore", on: "Batches", ["Digests", "Durable", "Fault", "JSON", "Transfer", "Workers"]),
        library("PipelineConfig", on: "Batches", ["Dates", "Fault", "JSON", "TOMLText"]),

        // 4: Runs
        library(
            "StageRun", on: "Runs",
            ["BatchFormat", "Dates", "Digests", "Durable", "Fault", "JSON", "Memory", "PipelineConfig", "Workers"]),

        library(
            "Housekeeping", on: "Runs",
            ["BatchFormat", "Dates", "Digests", "Durable", "Fault", "JSON", "PipelineConfig", "StageRun"]),
        library(
            "Inspection", on: "Runs",
            ["BatchFormat", "Digests", "Durable", "Fault", "JSON", "PipelineConfig", "StageRun"]),
        library("Models", on: "Runs", ["BatchFormat", "Digests", "Durable", "Fault", "JSON", "TOMLText"]),
        library(
            "Night", on: "Runs",
            [
                "Alerts", "BatchFormat", "Dates", "Durable", "Fault", "JSON", "Memory", "PipelineConfig", "Prometheus",
                "StageRun", "Workers",
            ]),

        // 5: Stages
        library(
            "FetchStage", on: "Stages",
            [
                "BatchFormat", "Digests", "Durable", "Fault", "JSON", "ObjectStore", "PipelineConfig",
                "PostgresClient", "StageRun", "Transfer",
            ]),
        library(
            "CleanStage", on: "Stages",
            [
                "BatchFormat", "Dates", "Durable", "Fault", "JSON", "PipelineConfig", "Resampling", "Signal",
                "SoundFile",
                "StageRun", "Workers",
            ]),
        library(
            "FeaturizeStage", on: "Stages",
            ["BatchFormat", "Digests", "Durable", "Fault", "JSON", "PipelineConfig", "Signal", "StageRun", "Workers"]),
        library(
            "InferStage", on: "Stages",
            [
                "BatchFormat", "Digests", "Durable", "Fault", "JSON", "Memory", "Models", "PipelineConfig", "StageRun",
                "TorchModel", "Workers",
            ]),
        library(
            "StoreStage", on: "Stages",
            [
                "Alerts", "BatchFormat", "Dates", "Digests", "Durable", "Fault", "JSON", "PipelineConfig",
                "PostgresClient",
                "StageRun",
                .product(name: "GRDB", package: "GRDB.swift"),
            ]),

        // 6: Dashboard
        library(
            "Results", on: "Dashboard",
            [
                "BatchFormat", "Dates", "Digests", "Durable", "Fault", "Inspection", "JSON", "PipelineConfig",
                "PostgresClient", "Signal", "StageRun", "Workers", .product(name: "GRDB", package: "GRDB.swift"),
                .product(name: "GRDBSQLite", package: "GRDB.swift"),
            ]),
        library(
            "DashboardServer", on: "Dashboard",
            [
                "Digests", "Durable", "Fault", "JSON", "Prometheus", "Results", "StageRun", "Workers",
                .product(name: "HTTPTypes", package: "swift-http-types"),
                .product(name: "Hummingbird", package: "hummingbird"),
                .product(name: "HummingbirdCore", package: "hummingbird"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
                .product(name: "UnixSignals", package: "swift-service-lifecycle"),
            ]),

        // 7: ToolKit
        library(
            "ToolKit", on: ".",
            [
                "BatchFormat", "CBuildInfo", "CSyscalls", "Durable", "Fault", "JSON", "PipelineConfig", "StageRun",
                "Workers", argumentParser,
            ]),

        // 8: Tools
        tool(
            "batches", ["BatchFormat", "Digests", "Housekeeping", "Inspection", "JSON", "PipelineConfig", "StageRun"]),
        tool("clean", ["CleanStage", "PipelineConfig", "StageRun"]),
        tool("dashboard", ["DashboardServer", "PostgresClient"]),
        tool("featurize", ["FeaturizeStage", "PipelineConfig", "StageRun"]),
        tool("fetch", ["FetchStage", "PipelineConfig", "StageRun"]),
        tool("infer", ["InferStage", "PipelineConfig", "StageRun", "TorchModel"]),
        tool("nocturne", ["Alerts", "BatchFormat", "Durable", "Night", "PipelineConfig", "StageRun"]),
        tool("store", ["PipelineConfig", "StageRun", "StoreStage"]),

        // What a night needs, to be built in one go: not the dashboard, whose packages take minutes.
        library(
            "night-tools", on: "Tools", ["batches", "clean", "featurize", "fetch", "infer", "nocturne", "store"]),

        // Tests
        .target(name: "CPrograms", path: "Tests/Programs/CPrograms"),
        .target(
            name: "TestPrograms", dependencies: ["CPrograms"], path: "Tests/Programs/TestPrograms",
            swiftSettings: swiftSettings),
        .target(
            name: "TestServers", dependencies: ["TestPrograms"], path: "Tests/Servers",
            exclude: ["postgres.sh", "python"], swiftSettings: swiftSettings),
        .target(
            name: "TestBatches",
            dependencies: [
                "BatchFormat", "Digests", "Durable", "Fault", "JSON", "PipelineConfig", "StageRun", "TestServers",
            ],
            path: "Tests/Fixtures/TestBatches", swiftSettings: swiftSettings),
        .target(
            name: "TestDatabases",
            dependencies: [
                "Fault", "JSON", "PostgresClient", "StoreStage", "TestServers",
                .product(name: "GRDB", package: "GRDB.swift"),
            ],
            path: "Tests/Fixtures/TestDatabases", swiftSettings: swiftSettings),
        .target(
            name: "ToolSupport",
            dependencies: ["JSON", "TestPrograms", .product(name: "GRDB", package: "GRDB.swift")],
            path: "Tests/ToolSupport", swiftSettings: swiftSettings),
        .target(
            name: "ModelFixtures", dependencies: ["TestPrograms", "TorchModel"],
            path: "Tests/Fixtures/ModelFixtures", swiftSettings: swiftSettings),
        .executableTarget(
            name: "unruly-decoder", dependencies: ["CleanStage", "Fault"], path: "Tests/UnrulyDecoder",
            swiftSettings: swiftSettings),
        .target(
            name: "ParserTargets",
            dependencies: ["BatchFormat", "Fault", "JSON", "ObjectStore", "PipelineConfig", "SoundFile", "TOMLText"],
            path: "Tests/Fuzz/ParserTargets", swiftSettings: swiftSettings),
        .executableTarget(
            name: "parser-fuzz", dependencies: ["ParserTargets"], path: "Tests/Fuzz/ParserFuzz",
            swiftSettings: swiftSettings + (isFuzzer ? [.define("FUZZER")] : []),
            // The default linker stumbles over the sanitizer's symbols.
            linkerSettings: isFuzzer ? [.unsafeFlags(["-use-ld=lld"])] : []),
        // Not installed and not tested: our side of the benchmark of computation alone.
        .executableTarget(
            name: "feature-bench", dependencies: ["Signal"], path: "Tests/Benchmarks/FeatureBench",
            swiftSettings: swiftSettings),
        tests("AlertsTests", ["Alerts", "Durable", "Fault", "JSON", "TestPrograms", "TestServers", "Transfer"]),
        tests(
            "BatchFormatTests",
            ["BatchFormat", "Digests", "Durable", "Fault", "JSON", "TestBatches", "TestPrograms", "TestServers"]),
        tests(
            "CleanStageTests",
            [
                "BatchFormat", "CleanStage", "Digests", "Durable", "Fault", "JSON", "PipelineConfig", "Resampling",
                "StageRun", "unruly-decoder",
            ]),
        .testTarget(
            name: "DashboardServerTests",
            dependencies: [
                "DashboardServer", "Fault", "JSON", "TestPrograms", "TestServers", "ToolSupport",
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOEmbedded", package: "swift-nio"),
            ],
            path: "Tests/DashboardServerTests", swiftSettings: swiftSettings),
        tests("DatesTests", ["Dates"]),
        tests("DigestsTests", ["Digests"]),
        tests("DurableTests", ["Durable", "Fault", "TestServers"]),
        .testTarget(
            name: "FaultCampaignTests",
            dependencies: ["JSON", "ParserTargets", "TestPrograms", "TestServers", "ToolSupport"],
            path: "Tests/FaultCampaignTests", exclude: ["clock.c"], swiftSettings: swiftSettings),
        tests("FaultTests", ["Fault"]),
        tests(
            "FeaturizeStageTests",
            [
                "BatchFormat", "Digests", "Durable", "Fault", "FeaturizeStage", "JSON", "PipelineConfig", "Signal",
                "StageRun", "TestPrograms", "ToolSupport",
            ]),
        tests(
            "FetchStageTests",
            [
                "BatchFormat", "Digests", "Durable", "Fault", "FetchStage", "JSON", "ObjectStore", "PipelineConfig",
                "StageRun", "TestBatches", "TestServers", "Transfer",
            ]),
        tests(
            "HousekeepingTests",
            [
                "BatchFormat", "Digests", "Durable", "Fault", "Housekeeping", "JSON", "PipelineConfig", "StageRun",
                "TestBatches",
            ]),
        .testTarget(
            name: "InferStageTests",
            dependencies: [
                "BatchFormat", "Digests", "Fault", "InferStage", "JSON", "Memory", "ModelFixtures", "Models",
                "PipelineConfig", "StageRun", "TestPrograms", "TorchModel",
            ],
            path: "Tests/InferStageTests", exclude: ["fake-gpu.c"], swiftSettings: swiftSettings),
        tests(
            "InspectionTests", ["BatchFormat", "Durable", "Fault", "Inspection", "JSON", "StageRun", "TestBatches"]),
        tests("JSONTests", ["JSON", "TestBatches"]),
        tests("ModelsTests", ["Digests", "Fault", "JSON", "ModelFixtures", "Models"]),
        tests(
            "NightTests",
            [
                "Alerts", "BatchFormat", "Durable", "Fault", "JSON", "Night", "PipelineConfig", "StageRun",
                "TestBatches",
                "TestServers",
            ]),
        tests("ObjectStoreTests", ["Digests", "Durable", "Fault", "JSON", "ObjectStore", "TestServers", "Transfer"]),
        tests("PipelineConfigTests", ["Fault", "JSON", "PipelineConfig"]),
        .testTarget(
            name: "PipelineTests", dependencies: ["JSON", "TestPrograms", "TestServers", "ToolSupport"],
            path: "Tests/PipelineTests",
            exclude: ["python"], swiftSettings: swiftSettings),
        tests("PostgresClientTests", ["Fault", "JSON", "PostgresClient", "TestServers"]),
        tests("ResamplingTests", ["Fault", "Resampling"]),
        tests(
            "ResultsTests",
            [
                "BatchFormat", "Dates", "Fault", "JSON", "PipelineConfig", "PostgresClient", "Results", "StageRun",
                "StoreStage", "TestBatches", "TestDatabases", "TestServers",
            ]),
        tests("SignalTests", ["JSON", "Signal"]),
        tests("SoundFileTests", ["Fault", "SoundFile"]),
        tests(
            "StageRunTests",
            [
                "BatchFormat", "Digests", "Durable", "Fault", "JSON", "PipelineConfig", "StageRun", "TestBatches",
                "TestServers", "Workers",
            ]),
        tests(
            "StoreStageTests",
            [
                "Alerts", "BatchFormat", "Digests", "Durable", "Fault", "JSON", "PipelineConfig", "PostgresClient",
                "StageRun",
                "StoreStage", "TestDatabases", "TestPrograms", "TestServers", "ToolSupport",
                .product(name: "GRDB", package: "GRDB.swift"),
            ]),
        tests("TOMLTextTests", ["TOMLText"]),
        .testTarget(
            name: "ToolTests", dependencies: ["JSON", "TestPrograms", "ToolSupport"], path: "Tests/ToolTests",
            exclude: ["Snapshots"],
            swiftSettings: swiftSettings),
        tests("TorchModelTests", ["Fault", "ModelFixtures", "TorchModel"]),
        tests("TransferTests", ["Digests", "Durable", "Fault", "JSON", "TestServers", "Transfer"]),
        tests("MemoryTests", ["Memory"]),
        tests("WorkersTests", ["Workers"]),
    ],
    cxxLanguageStandard: .cxx20
)
