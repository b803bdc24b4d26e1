//! Tensors of a static embedding: from bytes to f32.

use half::{bf16, f16};
use ndarray::{Array2, Axis};
use safetensors::tensor::{Dtype, SafeTensors, TensorView};

use crate::error::{Error, ErrorKind, Result, Text};

/// Names of the matrix: Model2Vec's and Sentence Transformers'.
const VECTORS: [&str; 2] = ["embeddings", "embedding.weight"];

/// The tensors of one file.
pub(super) struct Tensors<'a>(SafeTensors<'a>);

impl<'a> Tensors<'a> {
    /// # Errors
    /// Bytes that are no safetensors file.
    pub(super) fn read(bytes: &'a [u8]) -> Result<Self> {
        SafeTensors::deserialize(bytes).map(Self).map_err(|e| {
            refused(
                "model.safetensors を読めません。途中で切れていないか確かめてください",
                "model.safetensors is damaged or no safetensors file",
            )
            .because(e)
        })
    }

    /// Rows × dimension, multiplied by `scales` where there are some.
    ///
    /// # Errors
    /// No such tensor, another type or shape than a matrix of numbers, or a number that is not finite.
    pub(super) fn vectors(&self) -> Result<Array2<f32>> {
        let Some((name, view)) = VECTORS.iter().find_map(|name| self.get(name).map(|view| (*name, view))) else {
            return Err(refused(
                "model.safetensors に embeddings も embedding.weight もありません",
                "model.safetensors has neither embeddings nor embedding.weight",
            ));
        };
        let &[rows, columns] = view.shape() else {
            return Err(refused(
                format!("{name} は行列（トークン × 次元）ではありません: {:?}", view.shape()),
                format!("{name} is no matrix of tokens × dimensions but {:?}", view.shape()),
            ));
        };
        let mut vectors = Array2::from_shape_vec((rows, columns), floats(name, &view)?)
            .map_err(|e| refused(format!("{name} を読めません"), format!("{name} cannot be read")).because(e))?;
        if let Some(view) = self.get("scales") {
            let scales = floats("scales", &view)?;
            if scales.len() != 1 && scales.len() != rows {
                let found = scales.len();
                return Err(refused(
                    format!("scales は1個か{rows}個でなければなりません（{found}個）"),
                    format!("scales must be 1 or {rows} numbers, not {found}"),
                ));
            }
            for (mut row, scale) in vectors.axis_iter_mut(Axis(0)).zip(scales.iter().cycle()) {
                row *= *scale;
            }
        }
        Ok(vectors)
    }

    /// Per token the factor of its vector.
    ///
    /// # Errors
    /// A tensor of something else than numbers.
    pub(super) fn weights(&self) -> Result<Option<Vec<f32>>> {
        self.get("weights").map(|view| floats("weights", &view)).transpose()
    }

    /// Per token the row of its vector.
    ///
    /// # Errors
    /// A tensor of something else than whole numbers from 0.
    pub(super) fn mapping(&self) -> Result<Option<Vec<u32>>> {
        self.get("mapping").map(|view| rows("mapping", &view)).transpose()
    }

    fn get(&self, name: &str) -> Option<TensorView<'a>> {
        self.0.tensor(name).ok()
    }
}

fn floats(name: &str, view: &TensorView<'_>) -> Result<Vec<f32>> {
    let data = view.data();
    let values: Vec<f32> = match view.dtype() {
        Dtype::F64 => numbers(data).map(|b| f64::from_le_bytes(b) as f32).collect(),
        Dtype::F32 => numbers(data).map(f32::from_le_bytes).collect(),
        Dtype::F16 => numbers(data).map(|b| f16::from_le_bytes(b).to_f32()).collect(),
        Dtype::BF16 => numbers(data).map(|b| bf16::from_le_bytes(b).to_f32()).collect(),
        Dtype::I8 => numbers(data).map(|b| f32::from(i8::from_le_bytes(b))).collect(),
        other => {
            return Err(refused(
                format!("{name} の型 {other:?} は読めません（f32・f16・bf16・f64・i8 のどれかにしてください）"),
                format!("{name} is of type {other:?}; expected f32, f16, bf16, f64 or i8"),
            ));
        }
    };
    if values.iter().any(|v| !v.is_finite()) {
        return Err(refused(format!("{name} に有限でない数があります"), format!("{name} holds a number that is not finite")));
    }
    Ok(values)
}

fn rows(name: &str, view: &TensorView<'_>) -> Result<Vec<u32>> {
    let data = view.data();
    let values: Option<Vec<u32>> = match view.dtype() {
        Dtype::I64 => numbers(data).map(|b| u32::try_from(i64::from_le_bytes(b)).ok()).collect(),
        Dtype::U64 => numbers(data).map(|b| u32::try_from(u64::from_le_bytes(b)).ok()).collect(),
        Dtype::I32 => numbers(data).map(|b| u32::try_from(i32::from_le_bytes(b)).ok()).collect(),
        Dtype::U32 => numbers(data).map(|b| Some(u32::from_le_bytes(b))).collect(),
        _ => None,
    };
    values.ok_or_else(|| refused(format!("{name} は0以上の整数ではありません"), format!("{name} is not made of whole numbers from 0")))
}

/// `N` bytes each, in the order of memory.
fn numbers<const N: usize>(data: &[u8]) -> impl Iterator<Item = [u8; N]> {
    data.chunks_exact(N).map(|chunk| {
        let mut bytes = [0; N];
        bytes.copy_from_slice(chunk);
        bytes
    })
}

fn refused(ja: impl Into<String>, en: impl Into<String>) -> Error {
    Error::new(ErrorKind::Model, Text::new(ja, en))
}
