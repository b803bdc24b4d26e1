//! Refusals and laws. The numbers of the reference are in `tests/promises/embedding.rs`.

use half::{bf16, f16};
use proptest::prelude::*;
use safetensors::tensor::{Dtype, TensorView};

use super::*;
use crate::error::Lang;

/// Words 痛い, 薬 and お金 in two dimensions, after the unknown word.
const TOKENIZER: &str = r#"{"version": "1.0", "truncation": null, "padding": null, "added_tokens": [], "normalizer": null,
    "pre_tokenizer": {"type": "WhitespaceSplit"}, "post_processor": null, "decoder": null,
    "model": {"type": "WordLevel", "unk_token": "[UNK]", "vocab": {"[UNK]": 0, "痛い": 1, "薬": 2, "お金": 3}}}"#;
const VECTORS: [f32; 8] = [9.0, 9.0, 3.0, 4.0, 1.0, 0.0, -2.0, 0.5];
const NORMALIZED: Option<&[u8]> = Some(br#"{"normalize": true}"#);

type Tensor = (&'static str, Dtype, Vec<usize>, Vec<u8>);

fn f32s(name: &'static str, shape: &[usize], values: &[f32]) -> Tensor {
    (name, Dtype::F32, shape.to_vec(), values.iter().flat_map(|v| v.to_le_bytes()).collect())
}

fn file(tensors: &[Tensor]) -> Vec<u8> {
    let views = tensors.iter().map(|(name, dtype, shape, data)| (*name, TensorView::new(*dtype, shape.clone(), data).unwrap()));
    safetensors::serialize(views, None).unwrap()
}

fn embedding(tensors: &[Tensor], config: Option<&[u8]>) -> StaticEmbedding {
    StaticEmbedding::from_parts(TOKENIZER.as_bytes(), &file(tensors), config).unwrap()
}

fn refusal(tensors: &[Tensor]) -> String {
    let error = StaticEmbedding::from_parts(TOKENIZER.as_bytes(), &file(tensors), None).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Model);
    error.message(Lang::En)
}

#[test]
fn every_type_gives_the_same_numbers() {
    let shape = vec![4, 2];
    let doubles = VECTORS.iter().flat_map(|v| f64::from(*v).to_le_bytes()).collect();
    let halves = VECTORS.iter().flat_map(|v| f16::from_f32(*v).to_le_bytes()).collect();
    let brains = VECTORS.iter().flat_map(|v| bf16::from_f32(*v).to_le_bytes()).collect();
    // In steps of a half.
    let bytes: Vec<u8> = VECTORS.iter().flat_map(|v| ((v * 2.0) as i8).to_le_bytes()).collect();
    let of = |dtype, data| vec![("embeddings", dtype, shape.clone(), data)];
    let expected = embedding(&[f32s("embeddings", &[4, 2], &VECTORS)], None).sentence("痛い お金");
    assert_eq!(expected, [0.5, 2.25]); // ((3, 4) + (−2, ½)) / 2
    for tensors in [of(Dtype::F64, doubles), of(Dtype::F16, halves), of(Dtype::BF16, brains)] {
        assert_eq!(embedding(&tensors, None).sentence("痛い お金"), expected);
    }
    for scales in [f32s("scales", &[1], &[0.5]), f32s("scales", &[4, 1], &[0.5; 4])] {
        let tensors = [("embeddings", Dtype::I8, shape.clone(), bytes.clone()), scales];
        assert_eq!(embedding(&tensors, None).sentence("痛い お金"), expected);
    }
}

#[test]
fn shared_rows_and_weights() {
    let mapping = |dtype, data| ("mapping", dtype, vec![4], data);
    let wide = [0_i64, 1, 1, 0].iter().flat_map(|v| v.to_le_bytes()).collect();
    let narrow = [0_i32, 1, 1, 0].iter().flat_map(|v| v.to_le_bytes()).collect();
    for mapping in [mapping(Dtype::I64, wide), mapping(Dtype::I32, narrow)] {
        let tensors = [f32s("embeddings", &[2, 1], &[1.0, 2.0]), mapping, f32s("weights", &[4], &[1.0, 1.0, 0.5, 3.0])];
        // (1 · 2 + ½ · 2 + 3 · 1) / 3
        assert_eq!(embedding(&tensors, None).sentence("痛い 薬 お金"), [2.0]);
    }
}

#[test]
fn what_does_not_fit_is_refused() {
    let vectors = || f32s("embeddings", &[4, 2], &VECTORS);
    let whole = |values: [i64; 4]| ("mapping", Dtype::I64, vec![4], values.iter().flat_map(|v| v.to_le_bytes()).collect());
    for (tensors, expected) in [
        (vec![f32s("vectors", &[4, 2], &VECTORS)], "neither embeddings nor embedding.weight"),
        (vec![f32s("embeddings", &[8], &VECTORS)], "no matrix of tokens × dimensions but [8]"),
        (vec![f32s("embeddings", &[2, 4], &VECTORS)], "embeddings has 2 rows for 4 tokens"),
        (vec![f32s("embeddings", &[8, 1], &VECTORS)], "embeddings has 8 rows for 4 tokens"),
        (vec![vectors(), f32s("weights", &[3], &[1.0; 3])], "weights has 3 rows for 4 tokens"),
        (vec![vectors(), f32s("mapping", &[4], &[0.0; 4])], "not made of whole numbers"),
        (vec![vectors(), whole([0, 1, 2, -1])], "not made of whole numbers"),
        (vec![vectors(), whole([0, 1, 2, 4])], "names a row that embeddings, with 4, does not have"),
        (vec![vectors(), f32s("scales", &[3], &[1.0; 3])], "scales must be 1 or 4 numbers, not 3"),
        (vec![f32s("embeddings", &[4, 1], &[0.0, 1.0, f32::NAN, 1.0])], "a number that is not finite"),
        (vec![("embeddings", Dtype::U8, vec![4, 2], vec![0; 8])], "expected f32, f16, bf16, f64 or i8"),
    ] {
        let found = refusal(&tensors);
        assert!(found.contains(expected), "{found}");
    }
    let good = file(&[vectors()]);
    for (tokenizer, config) in [("{}", None), (TOKENIZER, Some(b"true".as_slice())), (TOKENIZER, Some(br#"{"normalize": 1}"#.as_slice()))] {
        assert_eq!(StaticEmbedding::from_parts(tokenizer.as_bytes(), &good, config).unwrap_err().kind(), ErrorKind::Model);
    }
}

#[test]
fn terms_have_rows_and_unknown_ones_zeros() {
    let embedding = embedding(&[f32s("embeddings", &[4, 2], &VECTORS)], NORMALIZED);
    let vectors = embedding.word_vectors(["痛い", "不明", "薬"].into_iter());
    assert_eq!(vectors, ndarray::array![[0.6, 0.8], [0.0, 0.0], [1.0, 0.0]]);
    assert!(embedding.knows("痛い 不明") && !embedding.knows("不明") && !embedding.knows(""));
    assert_eq!(embedding.word_vectors(std::iter::empty()).dim(), (0, 2));
    assert_eq!((embedding.dimension(), embedding.tokens(), embedding.normalizes()), (2, 4, true));
}

#[test]
fn nearest_words_come_first() {
    let embedding = embedding(&[f32s("embeddings", &[4, 2], &VECTORS)], NORMALIZED);
    let near = embedding.nearest("痛い", 5);
    assert_eq!(near.iter().map(|(word, _)| word.as_str()).collect::<Vec<_>>(), ["薬", "お金"]);
    assert!((near[0].1 - 0.6).abs() < 1e-6);
    assert!(embedding.nearest("不明", 5).is_empty());
}

#[test]
fn frequent_words_weigh_less() {
    let plain = embedding(&[f32s("embeddings", &[4, 2], &VECTORS)], None);
    // p(痛い) = 0.9, p(薬) = 0.1; a = 0.1: weights 0.1 and 0.5.
    let sif = plain.with_sif([("痛い", 90), ("薬", 10)], 0.1);
    let found = sif.sentence("痛い 薬");
    assert!((found[0] - (0.3 + 0.5) / 2.0).abs() < 1e-6 && (found[1] - 0.2).abs() < 1e-6, "{found:?}");
    // One that was not counted is not weighted down.
    assert_eq!(sif.sentence("お金"), [-2.0, 0.5]);
}

proptest! {
    #[test]
    fn length_is_one_or_nothing_is_known(text in "((痛い|薬|お金|不明|、) ?){0,12}") {
        let embedding = embedding(&[f32s("embeddings", &[4, 2], &VECTORS)], NORMALIZED);
        let length = embedding.sentence(&text).iter().map(|v| v * v).sum::<f32>().sqrt();
        prop_assert!((length - f32::from(u8::from(embedding.knows(&text)))).abs() < 1e-6);
    }

    #[test]
    fn order_does_not_matter(mut words in proptest::collection::vec("痛い|薬|お金|不明", 0..12)) {
        let embedding = embedding(&[f32s("embeddings", &[4, 2], &VECTORS)], None);
        let before = embedding.sentence(&words.join(" "));
        words.reverse();
        let after = embedding.sentence(&words.join(" "));
        prop_assert!(before.iter().zip(&after).all(|(a, b)| (a - b).abs() < 1e-6));
    }
}
