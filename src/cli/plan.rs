//! The run as resolved: configuration file, command line and defaults made into one value before the long work begins.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::args::InputArgs;
use super::output::Output;
use crate::error::{Error, ErrorKind, Result, Text};
use crate::io::config::{CONFIG_FILE, Config};
use crate::io::embedding::read_embedding;
use crate::io::resources::Resources;
use crate::io::{fs, read};
use crate::theme::ThemeGuide;
use crate::vector::embedding::StaticEmbedding;

/// Where the sample corpus stands when nothing is named.
const SAMPLES: &str = "corpus-samples";

/// Where results go when nothing is named.
const DEFAULT_OUT: &str = "kikitori-out";

/// Everything a command that reads records was told.
#[derive(Debug, Clone)]
pub(super) struct Plan {
    /// The effective configuration.
    pub(super) config: Config,
    /// The files and folders to read, in order.
    pub(super) inputs: Vec<PathBuf>,
    /// 0 takes one thread per core.
    pub(super) threads: usize,
    /// The configuration file, where there is one.
    file: Option<PathBuf>,
}

impl Plan {
    /// The configuration file, with the command line laid over it.
    ///
    /// # Errors
    /// A faulty configuration.
    pub(super) fn config(args: &InputArgs, out: &Output) -> Result<Config> {
        Self::config_and_file(args, out).map(|(config, _)| config)
    }

    fn config_and_file(args: &InputArgs, out: &Output) -> Result<(Config, Option<PathBuf>)> {
        let file = match &args.config {
            Some(file) => Some(file.clone()),
            None => find_config(&args.input),
        };
        let mut config = match &file {
            Some(file) => Config::load(file)?,
            None => Config::default(),
        };
        out.prefer(config.lang.into());
        if let Some(file) = file.as_ref().filter(|_| args.config.is_none()) {
            out.note(&Text::new(format!("設定: {}", file.display()), format!("configuration: {}", file.display())));
        }
        if let Some(dir) = &args.dictionary {
            config.dictionaries.lindera = Some(dir.clone());
        }
        if let Some(dir) = &args.dictionaries {
            config.dictionaries.dir = Some(dir.clone());
        }
        if let Some(file) = &args.codes {
            config.codes.file = Some(file.clone());
        }
        config.warnings().iter().for_each(|warning| out.warn(warning));
        Ok((config, file))
    }

    /// The configuration for a command that finds its input elsewhere.
    ///
    /// # Errors
    /// A faulty configuration.
    pub(super) fn without_input(args: &InputArgs, out: &Output) -> Result<Self> {
        let (config, file) = Self::config_and_file(args, out)?;
        let threads = args.threads.or(config.threads).unwrap_or(0);
        Ok(Self { config, inputs: Vec::new(), threads, file })
    }

    /// Reads the configuration and finds the input.
    ///
    /// # Errors
    /// A faulty configuration, or no input to be found.
    pub(super) fn resolve(args: &InputArgs, out: &Output) -> Result<Self> {
        let (config, file) = Self::config_and_file(args, out)?;
        // A folder that brings its own kikitori.toml is read as that says.
        let own = matches!(args.input.as_slice(), [folder] if fs::is_dir(folder)) && !config.input.paths.is_empty();
        let inputs = if !args.input.is_empty() && !own {
            args.input.clone()
        } else if !config.input.paths.is_empty() {
            config.input.paths.clone()
        } else {
            vec![PathBuf::from(SAMPLES)]
        };
        if args.input.is_empty() && config.input.paths.is_empty() && !fs::exists(Path::new(SAMPLES)) {
            return Err(Error::new(
                ErrorKind::Input,
                Text::new(
                    format!("読む記録が指定されていません。--input でファイルを指定してください（{SAMPLES} フォルダもここにはありません）"),
                    format!("nothing to read: name a file with --input (there is no {SAMPLES} folder here either)"),
                ),
            ));
        }
        let threads = args.threads.or(config.threads).unwrap_or(0);
        Ok(Self { config, inputs, threads, file })
    }

    /// Whether every input is there.
    ///
    /// # Errors
    /// The first that is not.
    pub(super) fn require_inputs(&self) -> Result<()> {
        self.inputs.iter().try_for_each(|input| read::require(input))
    }

    /// Gives an error about a key of the configuration its file and line.
    pub(super) fn located(&self, error: Error) -> Error {
        let key = error.place().filter(|place| place.row == 0).and_then(|place| place.column.clone());
        match (&self.file, key) {
            (Some(file), Some(key)) => error.at(file, Config::line_of(file, &key)).column(key),
            _ => error,
        }
    }

    /// The dictionaries, with the coding rules that were named.
    ///
    /// # Errors
    /// A folder or file that is missing or faulty.
    pub(super) fn resources(&self) -> Result<Resources> {
        Resources::load(self.config.dictionaries.dir.as_deref())?.with_codes(self.config.codes.file.as_deref())
    }

    /// What is asked of the themes, by the command line's `file` or the configuration's; its hash is part of the configuration
    /// from here on.
    ///
    /// # Errors
    /// A file that cannot be read, or that asks for what cannot be done.
    pub(super) fn guide(&mut self, file: Option<&Path>) -> Result<ThemeGuide> {
        let themes = &mut self.config.themes;
        themes.guide = file.map(Path::to_path_buf).or_else(|| themes.guide.take());
        let Some(file) = &themes.guide else { return Ok(ThemeGuide::default()) };
        let text = fs::read_text(file)?;
        themes.guide_blake3 = Some(blake3::hash(text.as_bytes()).to_hex().to_string());
        ThemeGuide::parse(&file.display().to_string(), &text)
    }

    /// The word vectors of the command line's folder or the configuration's; their hash is part of the configuration from here on.
    ///
    /// # Errors
    /// A folder that holds no word vectors.
    pub(super) fn embedding(&mut self, dir: Option<&Path>) -> Result<Option<Arc<StaticEmbedding>>> {
        let themes = &mut self.config.themes;
        themes.embedding = dir.map(Path::to_path_buf).or_else(|| themes.embedding.take());
        let Some(dir) = &themes.embedding else { return Ok(None) };
        let embedding = read_embedding(dir)?;
        themes.embedding_blake3 = Some(embedding.fingerprint().to_owned());
        Ok(Some(Arc::new(embedding)))
    }

    /// The folder results go to.
    pub(super) fn out_dir(&self, argument: Option<&Path>) -> PathBuf {
        argument.map(Path::to_path_buf).or_else(|| self.config.output.dir.clone()).unwrap_or_else(|| PathBuf::from(DEFAULT_OUT))
    }
}

/// `kikitori.toml` beside the first input (or in it, when it is a folder), else in the current folder.
fn find_config(inputs: &[PathBuf]) -> Option<PathBuf> {
    let first = inputs.first().map_or(Path::new(SAMPLES), PathBuf::as_path);
    let beside = if fs::is_dir(first) { Some(first) } else { first.parent() };
    let beside = beside.map(|folder| folder.join(CONFIG_FILE));
    beside.into_iter().chain([PathBuf::from(CONFIG_FILE)]).find(|file| fs::exists(file))
}
