//! Compiles the IPADIC sources in `dictionaries/ipadic` and hands the result to the crate, which embeds it.
//!
//! Nothing is downloaded: the archive holds MeCab IPADIC 2.7.0-20070801 as UTF-8. A compiled dictionary is a function
//! of the archive and the pinned `lindera-dictionary`, so it is made here and never committed.

// `clippy.toml` keeps the library's stages from the disk; unpacking an archive is all this script is for.
#![allow(clippy::disallowed_methods)]

use std::error::Error;
use std::fs::{self, File};
use std::io::BufReader;
use std::path::{Path, PathBuf};

use lindera_dictionary::builder::DictionaryBuilder;
use lindera_dictionary::dictionary::metadata::Metadata;

const ARCHIVE: &str = "dictionaries/ipadic/mecab-ipadic.tar.xz";
const METADATA: &str = "dictionaries/ipadic/metadata.json";

fn main() -> Result<(), Box<dyn Error>> {
    for path in [ARCHIVE, METADATA, "build.rs"] {
        println!("cargo::rerun-if-changed={path}");
    }
    let out = PathBuf::from(std::env::var("OUT_DIR")?);
    let compiled = out.join("ipadic");
    let sources = unpack(Path::new(ARCHIVE), &out)?;
    let metadata: Metadata = serde_json::from_reader(BufReader::new(File::open(METADATA)?))?;
    fs::create_dir_all(&compiled)?;
    DictionaryBuilder::new(metadata).build_dictionary(&sources, &compiled)?;
    fs::remove_dir_all(&sources)?;
    // `lindera_dictionary::embedded_dictionary!` looks below this variable.
    println!("cargo::rustc-env=LINDERA_WORKDIR={}", out.display());
    Ok(())
}

/// Unpacks the archive below `out` and returns the folder of its CSV and def files.
fn unpack(archive: &Path, out: &Path) -> Result<PathBuf, Box<dyn Error>> {
    let mut tar = Vec::new();
    lzma_rs::xz_decompress(&mut BufReader::new(File::open(archive)?), &mut tar)?;
    tar::Archive::new(tar.as_slice()).unpack(out)?;
    Ok(out.join("mecab-ipadic"))
}
