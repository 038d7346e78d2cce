//! One file as a dataset.

use std::fmt;
use std::path::Path;
use std::sync::Arc;

use graticule_array::{AxisChunks, ChunkGrid, Chunks};
use graticule_dataset::{
    CombineOptions, Compat, ConcatVars, Dataset, DisagreementKind, Join, Policy, Variable,
};

use crate::backend::{Backend, Request, Truncated, Warning};
use crate::cf::{self, Decode, DecodeCoords};
use crate::error::{Error, Result};
use crate::file::DataFile;
use crate::netcdf::{Classic, Hdf5};
use crate::paths::searched;

/// Opens a netCDF file as a lazy dataset, decoded as xarray does.
///
/// Dimensions' coordinates are read, nothing else: data are read chunk by chunk when they are computed.
///
/// ```no_run
/// let ds = graticule_io::open_dataset("dt_global_20150101.nc")?;
/// println!("{:?}", ds.get("adt")?.shape());
/// # Ok::<(), graticule_io::Error>(())
/// ```
///
/// # Errors
/// As [`OpenOptions::open`].
pub fn open_dataset(path: impl AsRef<Path>) -> Result<Dataset> {
    OpenOptions::new().open(path)
}

/// Changes a dataset before it is combined with others.
pub(crate) type Preprocess = Arc<dyn Fn(Dataset, &Path) -> Result<Dataset> + Send + Sync>;

/// How to open files.
///
/// ```no_run
/// use graticule_io::OpenOptions;
/// let packed = OpenOptions::new().mask_and_scale(false).group("/forecast").open("model.nc")?;
/// let year = OpenOptions::new().chunks([("time", 30)]).open_many("2015/*.nc")?;
/// # Ok::<(), graticule_io::Error>(())
/// ```
#[derive(Clone, Default)]
pub struct OpenOptions {
    pub(crate) backend: Option<Arc<dyn Backend>>,
    pub(crate) request: Request,
    pub(crate) decode: Decode,
    pub(crate) drop_variables: Vec<String>,
    pub(crate) chunks: Vec<(String, usize)>,
    pub(crate) concat_dim: Option<String>,
    pub(crate) in_given_order: bool,
    pub(crate) combine: CombineOptions,
    pub(crate) preprocess: Option<Preprocess>,
}

impl fmt::Debug for OpenOptions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OpenOptions")
            .field("backend", &self.backend)
            .field("request", &self.request)
            .field("decode", &self.decode)
            .field("drop_variables", &self.drop_variables)
            .field("chunks", &self.chunks)
            .field("concat_dim", &self.concat_dim)
            .field("in_given_order", &self.in_given_order)
            .field("combine", &self.combine)
            .field("preprocess", &self.preprocess.is_some())
            .finish()
    }
}

/// A dataset with what was met while it was opened.
#[derive(Clone)]
pub struct Opened {
    /// The dataset.
    pub dataset: Dataset,
    /// What is worth knowing about the files, such as that one is truncated.
    pub warnings: Vec<Warning>,
}

impl OpenOptions {
    /// The options that [`open_dataset`] and [`crate::open_mfdataset`] use.
    pub fn new() -> Self {
        Self::default()
    }

    /// Reads files with this backend, whatever others there are. Without this option, the first bytes of a file
    /// tell whether [`Hdf5`] or [`Classic`] reads it.
    pub fn backend(mut self, backend: impl Backend + 'static) -> Self {
        self.backend = Some(Arc::new(backend));
        self
    }

    /// Opens a group instead of the root, such as `/forecast/surface`.
    pub fn group(mut self, group: impl Into<String>) -> Self {
        self.request.group = group.into();
        self
    }

    /// Whether to decode anything at all; sets the four options that follow.
    pub fn decode_cf(mut self, decode: bool) -> Self {
        self.decode = if decode { Decode::ALL } else { Decode::NOTHING };
        self
    }

    /// Whether missing values become NaN and packed numbers are unpacked.
    pub fn mask_and_scale(mut self, decode: bool) -> Self {
        self.decode.mask_and_scale = decode;
        self
    }

    /// Whether numbers in `days since …` become datetime64.
    pub fn decode_times(mut self, decode: bool) -> Self {
        self.decode.times = decode;
        self
    }

    /// Which variables become coordinates, beside those named like their dimension.
    pub fn decode_coords(mut self, coords: DecodeCoords) -> Self {
        self.decode.coords = coords;
        self
    }

    /// Whether character arrays become text.
    pub fn concat_characters(mut self, decode: bool) -> Self {
        self.decode.strings = decode;
        self
    }

    /// Leaves variables out, whether they can be read or not. Names that are not there do not matter.
    pub fn drop_variables(mut self, names: impl IntoIterator<Item = impl Into<String>>) -> Self {
        self.drop_variables = names.into_iter().map(Into::into).collect();
        self
    }

    /// The sizes of chunks along some dimensions; 0 for the whole dimension. Other dimensions, and without this
    /// option all of them, keep the chunks of the file: those that are stored, or whole multiples of small ones.
    pub fn chunks(mut self, chunks: impl IntoIterator<Item = (impl Into<String>, usize)>) -> Self {
        self.chunks = chunks.into_iter().map(|(dim, size)| (dim.into(), size)).collect();
        self
    }

    /// What to do about files that end before their data do.
    pub fn truncated(mut self, truncated: Truncated) -> Self {
        self.request.truncated = truncated;
        self
    }

    /// The dimension to join many files along, which may be new. Files that have labels along it are joined in
    /// the order of their labels, others in the order given. Without this option, the coordinates tell.
    pub fn concat_dim(mut self, dim: impl Into<String>) -> Self {
        self.concat_dim = Some(dim.into());
        self
    }

    /// Joins many files along [`OpenOptions::concat_dim`] in the order given, whatever their labels are: xarray's
    /// `combine="nested"`. See [`OpenOptions::open_nested`] for several dimensions.
    pub fn in_given_order(mut self) -> Self {
        self.in_given_order = true;
        self
    }

    /// How many files are combined, all options at once.
    pub fn combine(mut self, options: CombineOptions) -> Self {
        self.combine = options;
        self
    }

    /// What happens to variables of many files that do not vary along the joined dimension: they must be equal, or
    /// those of the first file are taken.
    pub fn compat(mut self, compat: Compat) -> Self {
        self.combine = self.combine.compat(compat);
        self
    }

    /// What happens where the labels of the other dimensions differ between many files.
    pub fn join(mut self, join: Join) -> Self {
        self.combine = self.combine.join(join);
        self
    }

    /// Which data variables vary along the joined dimension, beside those that have it.
    pub fn data_vars(mut self, vars: impl Into<ConcatVars>) -> Self {
        self.combine = self.combine.data_vars(vars);
        self
    }

    /// Which coordinates vary along the joined dimension, beside those that have it.
    pub fn coords(mut self, coords: impl Into<ConcatVars>) -> Self {
        self.combine = self.combine.coords(coords);
        self
    }

    /// What is done about something that many files disagree about.
    ///
    /// ```
    /// use graticule_dataset::{DisagreementKind, Policy};
    /// use graticule_io::OpenOptions;
    /// // Daily files that repeat the last step of the day before.
    /// let options = OpenOptions::new().policy(DisagreementKind::Duplicate, Policy::First);
    /// ```
    pub fn policy(mut self, kind: DisagreementKind, policy: Policy) -> Self {
        self.combine = self.combine.policy(kind, policy);
        self
    }

    /// Changes the dataset of each file, given with its path, before they are combined.
    pub fn preprocess(
        mut self,
        f: impl Fn(Dataset, &Path) -> Result<Dataset> + Send + Sync + 'static,
    ) -> Self {
        self.preprocess = Some(Arc::new(f));
        self
    }

    /// Opens one file.
    ///
    /// # Errors
    /// [`Error::NoFiles`] when there is no such file, [`Error::Format`] when it is not netCDF,
    /// [`Error::Truncated`] and [`Error::Corrupt`] when it is not whole, [`Error::UnknownGroup`] when it has no
    /// such group, and what decoding the coordinates can meet.
    pub fn open(&self, path: impl AsRef<Path>) -> Result<Dataset> {
        Ok(self.open_reporting(path)?.dataset)
    }

    /// Opens one file and tells what was met. [`OpenOptions::open`] only logs it.
    ///
    /// # Errors
    /// As [`OpenOptions::open`].
    pub fn open_reporting(&self, path: impl AsRef<Path>) -> Result<Opened> {
        let mut opened = self.open_one(path.as_ref())?;
        opened.dataset = self.rechunked(opened.dataset)?;
        log_warnings(&opened.warnings);
        Ok(opened)
    }

    /// One file, after `preprocess` but in its own chunks.
    pub(crate) fn open_one(&self, path: &Path) -> Result<Opened> {
        let file = found(path)?;
        let (Opened { dataset, warnings }, _) = self.open_group(&file, &self.request)?;
        let dataset = match &self.preprocess {
            Some(preprocess) => preprocess(dataset, path)?,
            None => dataset,
        };
        Ok(Opened { dataset, warnings })
    }

    /// One group, and the names of the groups inside it.
    pub(crate) fn open_group(
        &self,
        file: &Arc<DataFile>,
        request: &Request,
    ) -> Result<(Opened, Vec<String>)> {
        let mut group = self.backend_of(file)?.open(file, request)?;
        group.variables.retain(|variable| !self.drop_variables.contains(&variable.name));
        let groups = std::mem::take(&mut group.groups);
        let (dataset, warnings) = cf::decode(file, group, self.decode)?;
        Ok((Opened { dataset, warnings }, groups))
    }

    /// The backend that was chosen or that knows the format of a file.
    fn backend_of(&self, file: &DataFile) -> Result<&dyn Backend> {
        let mut head = vec![0; usize::try_from(file.len().min(HEAD_BYTES)).unwrap_or(0)];
        file.read_at(&mut head, 0)?;
        let backends = match &self.backend {
            Some(backend) => vec![backend.as_ref()],
            None => vec![&Hdf5 as &dyn Backend, &Classic],
        };
        if let Some(backend) = backends.into_iter().find(|backend| backend.recognises(&head)) {
            return Ok(backend);
        }
        let problem = match head.as_slice() {
            [] => "it is empty".to_owned(),
            [0x1f, 0x8b, ..] => "it is compressed with gzip".to_owned(),
            [b'P', b'K', 3, 4, ..] => "it is a zip archive".to_owned(),
            [b'B', b'Z', b'h', ..] => "it is compressed with bzip2".to_owned(),
            [b'C', b'D', b'F', version, ..] => format!("it is of version {version} of the classic format"),
            [b'G', b'R', b'I', b'B', ..] => "it is a GRIB file".to_owned(),
            [0x0e, 0x03, 0x13, 0x01, ..] => "it is an HDF4 file".to_owned(),
            head => format!("it starts with {:?}", String::from_utf8_lossy(&head[..head.len().min(16)])),
        };
        let hint = match &self.backend {
            Some(backend) => format!("the backend for {} was chosen", backend.name()),
            None => "netCDF-3 (versions 1, 2 and 5), netCDF-4 and HDF5 are read".into(),
        };
        Err(Error::Format { path: file.path().to_owned(), problem, hint })
    }

    /// The dataset in the chunks that were asked for.
    pub(crate) fn rechunked(&self, dataset: Dataset) -> Result<Dataset> {
        if self.chunks.is_empty() {
            return Ok(dataset);
        }
        let sizes = dataset.sizes();
        if let Some((dim, size)) = self.chunks.iter().find(|(dim, _)| !sizes.contains_key(dim.as_str())) {
            let dims: Vec<&str> = sizes.keys().map(AsRef::as_ref).collect();
            return Err(Error::Argument {
                argument: "chunks",
                value: format!("{dim}: {size}"),
                hint: format!("the dimensions are {}", dims.join(", ")),
            });
        }
        let change =
            |(name, variable): (&str, &Variable)| Ok((name.to_owned(), self.rechunked_variable(variable)?));
        let data: Vec<_> =
            dataset.data_vars().iter().map(|(name, v)| change((name, v))).collect::<Result<_>>()?;
        let coords: Vec<_> = dataset.coords().iter().map(change).collect::<Result<_>>()?;
        let mut rechunked = Dataset::new(data, coords, dataset.attrs().clone())?;
        *rechunked.encoding_mut() = dataset.encoding().clone();
        Ok(rechunked)
    }

    fn rechunked_variable(&self, variable: &Variable) -> Result<Variable> {
        let grid = variable.data().chunks();
        let axes = variable.dims().iter().zip(grid.axes()).map(|(dim, axis)| {
            match self.chunks.iter().find(|(name, _)| *dim == *name) {
                Some((_, size)) => AxisChunks::regular(axis.len(), *size),
                None => axis.clone(),
            }
        });
        let wanted = ChunkGrid::new(axes.collect());
        if wanted == *grid || variable.resident().is_some() {
            return Ok(variable.clone());
        }
        let sizes = wanted.axes().iter().map(|axis| axis.sizes().collect()).collect();
        Ok(variable.with_data(variable.data().rechunk(Chunks::Sizes(sizes))?)?)
    }
}

/// The file at a path.
pub(crate) fn found(path: &Path) -> Result<Arc<DataFile>> {
    DataFile::open(path).map_err(|error| match error {
        Error::Io { cause, .. } if cause.kind() == std::io::ErrorKind::NotFound => {
            Error::NoFiles { pattern: path.display().to_string(), hint: searched(path) }
        }
        error => error,
    })
}

/// Warnings reach whoever listens to the program's log, even where nobody looks at [`Opened::warnings`].
pub(crate) fn log_warnings(warnings: &[Warning]) {
    for warning in warnings {
        log::warn!("{warning}");
    }
}

/// How much of a file tells its format: user blocks of HDF5 up to 4 KiB are looked behind.
const HEAD_BYTES: u64 = 4 << 10 | 8;
