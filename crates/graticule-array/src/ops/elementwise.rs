//! Maths element by element, with numpy's names, promotion and broadcasting.

use std::ops::{Add, BitAnd, BitOr, BitXor, Div, Mul, Neg, Not, Rem, Sub};

use crate::array::Array;
use crate::dtype::DType;
use crate::error::{Error, Result};
use crate::expr::formula::Operand;
use crate::expr::{Expr, Formula, Op};
use crate::function::{Binary, Casting, Unary};
use crate::scalar::Scalar;

/// What can stand beside an array: another array, or one value.
///
/// Values are weak, as Python's are in numpy: `2.0` does not widen a float32 array.
#[derive(Debug, Clone)]
pub enum Argument {
    /// An array, broadcast against the other.
    Array(Array),
    /// One value.
    Scalar(Scalar),
}

impl From<Array> for Argument {
    fn from(array: Array) -> Self {
        Self::Array(array)
    }
}

impl From<&Array> for Argument {
    fn from(array: &Array) -> Self {
        Self::Array(array.clone())
    }
}

impl<S: Into<Scalar>> From<S> for Argument {
    fn from(value: S) -> Self {
        Self::Scalar(value.into())
    }
}

impl Argument {
    /// The dtype of these arguments together: that of the arrays, which numbers beside them do not widen.
    ///
    /// # Errors
    /// [`Error::Dtype`] where there is none, such as for a text and a number.
    pub(super) fn common_dtype<'a>(arguments: impl IntoIterator<Item = &'a Self> + Clone) -> Result<DType> {
        let mut common: Option<DType> = None;
        for argument in arguments.clone() {
            if let Self::Array(array) = argument {
                common = Some(common.map_or(Ok(array.dtype()), |dtype| dtype.promote(array.dtype()))?);
            }
        }
        for argument in arguments {
            if let Self::Scalar(value) = argument {
                common = Some(match common {
                    Some(dtype) => dtype.promote(value.weak_dtype(dtype))?,
                    None => value.dtype(),
                });
            }
        }
        Ok(common.unwrap_or(DType::F64))
    }

    /// The argument in a dtype.
    ///
    /// # Errors
    /// [`Error::Dtype`] for a number that the dtype cannot hold, and where there is no such cast.
    pub(super) fn cast(&self, dtype: DType) -> Result<Self> {
        match self {
            Self::Array(array) => Ok(Self::Array(array.astype(dtype)?)),
            Self::Scalar(value) => Ok(Self::Scalar(held(value, dtype)?)),
        }
    }
}

/// A value as arrays of a dtype hold it.
///
/// # Errors
/// [`Error::Dtype`] for a value that the dtype cannot hold.
pub(super) fn held(value: &Scalar, dtype: DType) -> Result<Scalar> {
    value.convert(dtype).ok_or_else(|| Error::Dtype {
        operation: format!("holding {value}"),
        dtype,
        hint: "the value does not fit; cast the array to a wider dtype first".into(),
    })
}

/// Collects the arrays among some arguments as inputs of a map.
struct Inputs(Vec<Expr>);

impl Inputs {
    fn operand(&mut self, argument: &Argument) -> Operand {
        match argument {
            Argument::Scalar(value) => Operand::Const(value.clone()),
            Argument::Array(array) => {
                let found = self.0.iter().position(|input| input == array.expr());
                let number = found.unwrap_or_else(|| {
                    self.0.push(array.expr().clone());
                    self.0.len() - 1
                });
                Operand::Input(number, array.dtype())
            }
        }
    }

    fn map(self, formula: Formula) -> Result<Array> {
        Ok(Array::from_expr(Expr::new(Op::Map(formula), self.0)?))
    }
}

impl Array {
    /// A numpy ufunc of one argument.
    ///
    /// # Errors
    /// [`crate::Error::Dtype`] where the function is not defined for the dtype.
    pub fn unary(&self, function: Unary) -> Result<Self> {
        self.map(Formula::unary(function, self.dtype())?)
    }

    /// A numpy ufunc of two arguments, this array first.
    ///
    /// # Errors
    /// [`crate::Error::Dtype`] where the function is not defined for the dtypes, [`crate::Error::Shape`]
    /// where the shapes do not broadcast.
    pub fn binary(&self, function: Binary, other: impl Into<Argument>) -> Result<Self> {
        map_binary(function, &self.into(), &other.into())
    }

    /// `yes` where this array is true (not zero), else `no`.
    ///
    /// ```
    /// use graticule_array::Array;
    /// let x = Array::arange(4)?;
    /// let y = x.binary(graticule_array::Binary::Greater, 1)?.choose(&x, -1)?;
    /// assert_eq!(y.compute()?.as_slice::<i64>()?, [-1, -1, 2, 3]);
    /// # Ok::<(), graticule_array::Error>(())
    /// ```
    ///
    /// # Errors
    /// As [`Array::binary`].
    pub fn choose(&self, yes: impl Into<Argument>, no: impl Into<Argument>) -> Result<Self> {
        let mut inputs = Inputs(vec![self.expr().clone()]);
        let yes = inputs.operand(&yes.into());
        let no = inputs.operand(&no.into());
        inputs.map(Formula::where_(self.dtype(), yes, no)?)
    }

    /// The elements, none less than `min` and none greater than `max`; NaN stays NaN. Bounds beyond what an
    /// integer dtype can hold bound nothing.
    ///
    /// ```
    /// use graticule_array::Array;
    /// let x = Array::arange(5)?.clip(1, 3)?;
    /// assert_eq!(x.compute()?.as_slice::<i64>()?, [1, 1, 2, 3, 3]);
    /// # Ok::<(), graticule_array::Error>(())
    /// ```
    ///
    /// # Errors
    /// As [`Array::binary`].
    pub fn clip(&self, min: impl Into<Argument>, max: impl Into<Argument>) -> Result<Self> {
        self.clip_min(min)?.clip_max(max)
    }

    /// The elements, none less than `min`: [`Array::clip`] on one side.
    ///
    /// # Errors
    /// As [`Array::binary`].
    pub fn clip_min(&self, min: impl Into<Argument>) -> Result<Self> {
        self.bounded(Binary::Maximum, min.into())
    }

    /// The elements, none greater than `max`: [`Array::clip`] on one side.
    ///
    /// # Errors
    /// As [`Array::binary`].
    pub fn clip_max(&self, max: impl Into<Argument>) -> Result<Self> {
        self.bounded(Binary::Minimum, max.into())
    }

    fn bounded(&self, function: Binary, bound: Argument) -> Result<Self> {
        match bound {
            Argument::Scalar(value) => self.binary(function, value.saturated(self.dtype())),
            Argument::Array(bound) => self.binary(function, bound),
        }
    }

    /// The array in another dtype. A value that the dtype cannot hold fails the computation: see
    /// [`Array::astype_with`] for other ways, and for how values are rounded.
    ///
    /// ```
    /// use graticule_array::{Array, DType};
    /// let x = (Array::arange(3)? * 150)?.astype(DType::U8)?;
    /// assert!(x.compute().unwrap_err().to_string().contains("300"));
    /// # Ok::<(), graticule_array::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`crate::Error::Dtype`] where there is no such cast, such as from text.
    pub fn astype(&self, dtype: DType) -> Result<Self> {
        self.astype_with(dtype, Casting::Strict)
    }

    /// The array in another dtype, with a rule for values that the dtype cannot hold.
    ///
    /// ```
    /// use graticule_array::{Array, Casting, DType};
    /// let x = (Array::arange(3)? * 150)?;
    /// let wrapped = x.astype_with(DType::U8, Casting::Wrap)?;
    /// assert_eq!(wrapped.compute()?.as_slice::<u8>()?, [0, 150, 44]);
    /// let saturated = x.astype_with(DType::U8, Casting::Saturate)?;
    /// assert_eq!(saturated.compute()?.as_slice::<u8>()?, [0, 150, 255]);
    /// # Ok::<(), graticule_array::Error>(())
    /// ```
    ///
    /// # Errors
    /// As [`Array::astype`].
    pub fn astype_with(&self, dtype: DType, casting: Casting) -> Result<Self> {
        if dtype == self.dtype() {
            return Ok(self.clone());
        }
        self.map(Formula::cast(self.dtype(), dtype, casting)?)
    }

    /// A formula of this array alone.
    pub(super) fn map(&self, formula: Formula) -> Result<Self> {
        Inputs(vec![self.expr().clone()]).map(formula)
    }

    /// Packed data unpacked: NaN where the value is one of `missing`, else `value * scale + offset`,
    /// in float32 or float64.
    ///
    /// ```
    /// use graticule_array::{Array, DType};
    /// let stored = Array::from_array(ndarray::arr1(&[-999i16, 250, 300]), "auto")?;
    /// let kelvin = stored.mask_scale(DType::F64, vec![(-999).into()], Some(0.5), Some(273.0))?.compute()?;
    /// assert!(kelvin.as_slice::<f64>()?[0].is_nan());
    /// assert_eq!(kelvin.as_slice::<f64>()?[1..], [398.0, 423.0]);
    /// # Ok::<(), graticule_array::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`crate::Error::Dtype`] when the array is not numeric or the target is not a float.
    pub fn mask_scale(
        &self,
        dtype: DType,
        missing: Vec<Scalar>,
        scale: Option<f64>,
        offset: Option<f64>,
    ) -> Result<Self> {
        self.map(Formula::mask_scale(self.dtype(), dtype, missing, scale, offset)?)
    }

    /// The array to a power.
    ///
    /// ```
    /// use graticule_array::Array;
    /// let x = Array::arange(4)?;
    /// assert_eq!(x.pow(2)?.compute()?.as_slice::<i64>()?, [0, 1, 4, 9]);
    /// assert_eq!(x.pow(0.5)?.compute()?.as_slice::<f64>()?[..2], [0.0, 1.0]);
    /// assert!(x.pow(-1).is_err());
    /// # Ok::<(), graticule_array::Error>(())
    /// ```
    ///
    /// # Errors
    /// As [`Array::binary`]; integers have no negative powers.
    pub fn pow(&self, exponent: impl Into<Argument>) -> Result<Self> {
        self.binary(Binary::Power, exponent)
    }
}

fn map_binary(function: Binary, left: &Argument, right: &Argument) -> Result<Array> {
    let mut inputs = Inputs(Vec::new());
    let a = inputs.operand(left);
    let b = inputs.operand(right);
    inputs.map(Formula::binary(function, a, b)?)
}

macro_rules! unary_methods {
    ($($name:ident $function:ident $doc:literal)+) => {
        impl Array {$(
            #[doc = $doc]
            ///
            /// # Errors
            /// [`crate::Error::Dtype`] where the function is not defined for the dtype.
            pub fn $name(&self) -> Result<Self> {
                self.unary(Unary::$function)
            }
        )+}
    };
}

unary_methods! {
    abs Absolute "The absolute value."
    sign Sign "-1, 0 or 1."
    square Square "The square."
    reciprocal Reciprocal "One divided by the elements, a float also of integers."
    sqrt Sqrt "The square root; NaN of negative numbers."
    cbrt Cbrt "The cube root."
    exp Exp "e to the power of the elements."
    exp2 Exp2 "2 to the power of the elements."
    expm1 Expm1 "e to the power of the elements, less 1; accurate near zero."
    ln Log "The natural logarithm."
    log2 Log2 "The logarithm to base 2."
    log10 Log10 "The logarithm to base 10."
    log1p Log1p "The natural logarithm of 1 and the elements; accurate near zero."
    sin Sin "The sine of radians."
    cos Cos "The cosine of radians."
    tan Tan "The tangent of radians."
    arcsin Arcsin "The angle in radians with this sine."
    arccos Arccos "The angle in radians with this cosine."
    arctan Arctan "The angle in radians with this tangent."
    sinh Sinh "The hyperbolic sine."
    cosh Cosh "The hyperbolic cosine."
    tanh Tanh "The hyperbolic tangent."
    arcsinh Arcsinh "The inverse of the hyperbolic sine."
    arccosh Arccosh "The inverse of the hyperbolic cosine."
    arctanh Arctanh "The inverse of the hyperbolic tangent."
    deg2rad Deg2rad "Degrees to radians."
    rad2deg Rad2deg "Radians to degrees."
    floor Floor "The largest integer that is not greater."
    ceil Ceil "The smallest integer that is not less."
    trunc Trunc "The elements without their fraction; numpy's `trunc` and `fix`."
    round Rint "The nearest integer, halves to even; numpy's `rint`. See [`Array::around`] for decimals."
    spacing Spacing "The distance to the next float away from zero, with the sign of the element."
    i0 I0 "The modified Bessel function of the first kind and order 0."
    isnan Isnan "Whether the elements are NaN or NaT."
    isinf Isinf "Whether the elements are infinite, of either sign."
    isfinite Isfinite "Whether the elements are neither infinite nor NaN."
    signbit Signbit "Whether the sign bit is set: below zero, or -0.0."
    logical_not LogicalNot "Whether the elements are zero."
    invert Invert "Every bit the other way round; of booleans `logical_not`."
}

macro_rules! binary_methods {
    ($($name:ident $function:ident $doc:literal)+) => {
        impl Array {$(
            #[doc = $doc]
            ///
            /// # Errors
            /// As [`Array::binary`].
            pub fn $name(&self, other: impl Into<Argument>) -> Result<Self> {
                self.binary(Binary::$function, other)
            }
        )+}
    };
}

binary_methods! {
    equal Equal "Whether the elements are equal."
    not_equal NotEqual "Whether the elements differ."
    less Less "Whether the elements are less."
    less_equal LessEqual "Whether the elements are less or equal."
    greater Greater "Whether the elements are greater."
    greater_equal GreaterEqual "Whether the elements are greater or equal."
    maximum Maximum "The larger of the elements; NaN where one is NaN."
    minimum Minimum "The smaller of the elements; NaN where one is NaN."
    fmax Fmax "The larger of the elements; the other one where one is NaN."
    fmin Fmin "The smaller of the elements; the other one where one is NaN."
    floor_divide FloorDivide "The quotient rounded down; 0 of integers divided by 0."
    remainder Remainder "The remainder with the sign of the divisor, as in Python; of integers and 0 it is 0."
    fmod Fmod "The remainder with the sign of the dividend, as in C; of integers and 0 it is 0."
    arctan2 Arctan2 "The angle in radians of the point with this y and the other x."
    hypot Hypot "The hypotenuse of a right triangle with these legs."
    copysign Copysign "The elements with the signs of the others."
    nextafter Nextafter "The next float towards the others."
    heaviside Heaviside "0 of negative elements, 1 of positive ones, the other of zero."
    ldexp Ldexp "The elements times 2 to the power of the others, which are integers."
    logaddexp Logaddexp "The logarithm of the sum of exponentials, without overflow in between."
    logaddexp2 Logaddexp2 "As `logaddexp`, to base 2."
    gcd Gcd "The greatest common divisor of integers."
    lcm Lcm "The least common multiple of integers, wrapping."
    logical_and LogicalAnd "Whether both elements are true (not zero)."
    logical_or LogicalOr "Whether one of the elements is true (not zero)."
    logical_xor LogicalXor "Whether exactly one of the elements is true (not zero)."
    bitwise_and BitwiseAnd "The bits that are set in both."
    bitwise_or BitwiseOr "The bits that are set in one."
    bitwise_xor BitwiseXor "The bits that are set in exactly one."
    left_shift LeftShift "The bits shifted to the left."
    right_shift RightShift "The bits shifted to the right."
}

macro_rules! operators {
    ($($op:ident $method:ident $function:ident;)+) => {$(
        operators!(@array &Array, $op $method $function);
        operators!(@array Array, $op $method $function);
        operators!(@scalar $op $method $function: f64 i64);
    )+};
    (@array $left:ty, $op:ident $method:ident $function:ident) => {
        impl $op<&Array> for $left {
            type Output = Result<Array>;

            fn $method(self, right: &Array) -> Result<Array> {
                self.binary(Binary::$function, right)
            }
        }

        impl $op<Array> for $left {
            type Output = Result<Array>;

            fn $method(self, right: Array) -> Result<Array> {
                self.binary(Binary::$function, right)
            }
        }

        impl $op<Result<Array>> for $left {
            type Output = Result<Array>;

            fn $method(self, right: Result<Array>) -> Result<Array> {
                self.binary(Binary::$function, right?)
            }
        }
    };
    (@scalar $op:ident $method:ident $function:ident: $($t:ty)+) => {$(
        impl $op<$t> for &Array {
            type Output = Result<Array>;

            fn $method(self, right: $t) -> Result<Array> {
                self.binary(Binary::$function, right)
            }
        }

        impl $op<$t> for Array {
            type Output = Result<Array>;

            fn $method(self, right: $t) -> Result<Array> {
                self.binary(Binary::$function, right)
            }
        }

        impl $op<&Array> for $t {
            type Output = Result<Array>;

            fn $method(self, right: &Array) -> Result<Array> {
                map_binary(Binary::$function, &self.into(), &right.into())
            }
        }

        impl $op<Array> for $t {
            type Output = Result<Array>;

            fn $method(self, right: Array) -> Result<Array> {
                map_binary(Binary::$function, &self.into(), &right.into())
            }
        }
    )+};
}

operators! {
    Add add Add;
    Sub sub Subtract;
    Mul mul Multiply;
    Div div Divide;
    Rem rem Remainder;
}

macro_rules! bit_operators {
    ($($op:ident $method:ident $function:ident;)+) => {$(
        operators!(@array &Array, $op $method $function);
        operators!(@array Array, $op $method $function);
    )+};
}

bit_operators! {
    BitAnd bitand BitwiseAnd;
    BitOr bitor BitwiseOr;
    BitXor bitxor BitwiseXor;
}

impl Neg for &Array {
    type Output = Result<Array>;

    fn neg(self) -> Result<Array> {
        self.unary(Unary::Negative)
    }
}

impl Not for &Array {
    type Output = Result<Array>;

    fn not(self) -> Result<Array> {
        self.unary(Unary::LogicalNot)
    }
}
