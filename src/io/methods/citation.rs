//! The sources of the methods, and their numbers in a paragraph.

use std::fmt::Write as _;

/// The sources of the methods, cited by the number of their first mention.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Source {
    Bm25,
    Lsa,
    RandomisedSvd,
    SentenceVectors,
    SphericalKMeans,
    Accumulation,
    NaiveBayes,
    Ward,
    FastClustering,
    Labels,
    Rand,
    Npmi,
    Diversity,
    Wilson,
    Haberman,
    FalseDiscovery,
    Mecab,
}

impl Source {
    fn reference(self) -> &'static str {
        match self {
            Self::Bm25 => {
                "Robertson S, Zaragoza H. The Probabilistic Relevance Framework: BM25 and Beyond. Found Trends Inf Retr 2009;3(4):333–389. doi:10.1561/1500000019"
            }
            Self::Lsa => {
                "Deerwester S, Dumais ST, Furnas GW, Landauer TK, Harshman R. Indexing by Latent Semantic Analysis. J Am Soc Inf Sci 1990;41(6):391–407. doi:10.1002/(SICI)1097-4571(199009)41:6<391::AID-ASI1>3.0.CO;2-9"
            }
            Self::RandomisedSvd => {
                "Halko N, Martinsson PG, Tropp JA. Finding Structure with Randomness. SIAM Rev 2011;53(2):217–288. doi:10.1137/090771806"
            }
            Self::SentenceVectors => {
                "Arora S, Liang Y, Ma T. A Simple but Tough-to-Beat Baseline for Sentence Embeddings. ICLR 2017. https://openreview.net/forum?id=SyK00v5xx"
            }
            Self::SphericalKMeans => {
                "Dhillon IS, Modha DS. Concept Decompositions for Large Sparse Text Data Using Clustering. Mach Learn 2001;42:143–175. doi:10.1023/A:1007612920971"
            }
            Self::Accumulation => {
                "Fred ALN, Jain AK. Combining Multiple Clusterings Using Evidence Accumulation. IEEE Trans Pattern Anal Mach Intell 2005;27(6):835–850. doi:10.1109/TPAMI.2005.113"
            }
            Self::NaiveBayes => {
                "Nigam K, McCallum AK, Thrun S, Mitchell T. Text Classification from Labeled and Unlabeled Documents using EM. Mach Learn 2000;39:103–134. doi:10.1023/A:1007692713085"
            }
            Self::Ward => {
                "Ward JH. Hierarchical Grouping to Optimize an Objective Function. J Am Stat Assoc 1963;58(301):236–244. doi:10.1080/01621459.1963.10500845"
            }
            Self::FastClustering => {
                "Müllner D. Modern Hierarchical, Agglomerative Clustering Algorithms. arXiv 2011. doi:10.48550/arXiv.1109.2378"
            }
            Self::Labels => {
                "Mei Q, Shen X, Zhai C. Automatic Labeling of Multinomial Topic Models. KDD 2007:490–499. doi:10.1145/1281192.1281246"
            }
            Self::Rand => "Hubert L, Arabie P. Comparing Partitions. J Classif 1985;2:193–218. doi:10.1007/BF01908075",
            Self::Npmi => {
                "Röder M, Both A, Hinneburg A. Exploring the Space of Topic Coherence Measures. WSDM 2015:399–408. doi:10.1145/2684822.2685324"
            }
            Self::Diversity => {
                "Dieng AB, Ruiz FJR, Blei DM. Topic Modeling in Embedding Spaces. Trans Assoc Comput Linguist 2020;8:439–453. doi:10.1162/tacl_a_00325"
            }
            Self::Wilson => {
                "Wilson EB. Probable Inference, the Law of Succession, and Statistical Inference. J Am Stat Assoc 1927;22(158):209–212. doi:10.1080/01621459.1927.10502953"
            }
            Self::Haberman => {
                "Haberman SJ. The Analysis of Residuals in Cross-Classified Tables. Biometrics 1973;29(1):205–220. doi:10.2307/2529686"
            }
            Self::FalseDiscovery => {
                "Benjamini Y, Hochberg Y. Controlling the False Discovery Rate. J R Stat Soc B 1995;57(1):289–300. doi:10.1111/j.2517-6161.1995.tb02031.x"
            }
            Self::Mecab => {
                "Kudo T, Yamamoto K, Matsumoto Y. Applying Conditional Random Fields to Japanese Morphological Analysis. EMNLP 2004:230–237. https://aclanthology.org/W04-3230"
            }
        }
    }
}

/// Numbers the sources in the order they are cited.
#[derive(Default)]
pub(super) struct Citations(Vec<Source>);

impl Citations {
    /// `[3]`, or `[1, 2]` for two.
    pub(super) fn cite(&mut self, sources: &[Source]) -> String {
        let numbers: Vec<String> = sources
            .iter()
            .map(|source| {
                let at = self.0.iter().position(|s| s == source).unwrap_or_else(|| {
                    self.0.push(*source);
                    self.0.len() - 1
                });
                (at + 1).to_string()
            })
            .collect();
        format!("[{}]", numbers.join(", "))
    }

    pub(super) fn list(&self, heading: &str) -> String {
        let mut out = format!("\n{heading}\n");
        for (i, source) in self.0.iter().enumerate() {
            let _ = writeln!(out, "[{}] {}", i + 1, source.reference());
        }
        out
    }
}
