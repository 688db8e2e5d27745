//! Dual control: a key in shares, so that no one holds it alone (Shamir's secret sharing over GF(256), byte by byte).

use std::path::{Path, PathBuf};

use getrandom::SysRng;
use getrandom::rand_core::UnwrapErr;
use vsss_rs::Gf256;
use zeroize::Zeroizing;

use super::super::sealing::{Protection, Unlock};
use super::KeyFileError;
use super::store::{KeyFile, matches, write};
use super::text::ShareNumber;
use crate::files;
use salanimi_core::{KeyMaterial, RandomnessError};

/// Largest number of shares of a key.
const MAX_SHARES: u8 = 16;

/// Splits the key in the file `key` into `shares` files; any `threshold` of them combine to the key. The files have the
/// key file's name with `.1.share`, `.2.share` and so on after it. Each share has its own of `protections`; with none,
/// no share is protected.
///
/// # Errors
/// The key cannot be opened, the numbers are impossible, or a share's file exists or cannot be written; no share is
/// then left.
pub fn split(
    key: &Path,
    unlock: &Unlock,
    shares: u8,
    threshold: u8,
    protections: &[Protection<'_>],
) -> Result<Vec<PathBuf>, KeyFileError> {
    if !(2..=MAX_SHARES).contains(&shares) || !(2..=shares).contains(&threshold) {
        return Err(KeyFileError::Split { shares, threshold, most: MAX_SHARES });
    }
    let count = usize::from(shares);
    if !protections.is_empty() && protections.len() != count {
        return Err(KeyFileError::Protections { found: count, given: protections.len() });
    }
    let file = KeyFile::read(key)?;
    let material = file.open(unlock)?;
    let mut split = [0; 4];
    // A failure of the source of randomness is found here; below it would stop the process.
    getrandom::fill(&mut split).map_err(RandomnessError::from)?;
    let parts = Gf256::split_array(threshold.into(), count, material.expose(), UnwrapErr(SysRng));
    let parts = parts.map_err(|_| KeyFileError::Split { shares, threshold, most: MAX_SHARES })?;
    let parts: Vec<_> = parts.into_iter().map(Zeroizing::new).collect();
    let mut written: Vec<PathBuf> = Vec::new();
    for (part, number) in parts.iter().zip(1..) {
        let path = files::beside(key, &format!(".{number}.share"));
        let share = ShareNumber { number, shares, threshold, split };
        let protection = protections.get(written.len()).unwrap_or(&Protection::None);
        // The first byte is the share's number.
        let value = KeyMaterial::from_slice(&part[1..]).ok_or(KeyFileError::WrongShares)?;
        if let Err(error) = write(&path, file.description.clone(), Some(share), &value, protection) {
            written.iter().for_each(|path| drop(std::fs::remove_file(path)));
            return Err(error);
        }
        written.push(path);
    }
    Ok(written)
}

/// Combines `shares` and writes the key to a new file at `out`, with its original dates.
///
/// # Errors
/// The shares are too few, of several keys or splits, the same, or do not combine to the key whose id they state.
pub fn combine(
    shares: &[PathBuf],
    unlock: &Unlock,
    out: &Path,
    protection: &Protection<'_>,
) -> Result<(), KeyFileError> {
    let files = shares.iter().map(|path| KeyFile::read(path)).collect::<Result<Vec<_>, _>>()?;
    let numbers = check_set(&files)?;
    let parts = files.iter().zip(&numbers).map(|(file, share)| {
        let value = file.open_secret(unlock)?;
        Ok(Zeroizing::new([&[share.number], value.expose().as_slice()].concat()))
    });
    let parts = parts.collect::<Result<Vec<_>, KeyFileError>>()?;
    let key = combined(&parts).ok_or(KeyFileError::WrongShares)?;
    let description = &files[0].description;
    if !matches(&key, description) {
        return Err(KeyFileError::WrongShares);
    }
    write(out, description.clone(), None, &key, protection)
}

/// Combines shares. The library takes plain vectors and keeps no copy of them; they are wiped here.
fn combined(parts: &[Zeroizing<Vec<u8>>]) -> Option<KeyMaterial> {
    let mut plain: Vec<Vec<u8>> = parts.iter().map(|part| part.to_vec()).collect();
    let key = Gf256::combine_array(&plain).ok().map(Zeroizing::new);
    zeroize::Zeroize::zeroize(&mut plain);
    key.and_then(|key| KeyMaterial::from_slice(&key))
}

/// Checks that the shares are enough, distinct, and of one split of one key. Returns their numbers.
fn check_set(files: &[KeyFile]) -> Result<Vec<ShareNumber>, KeyFileError> {
    let numbers = files.iter().map(share_number).collect::<Result<Vec<_>, _>>()?;
    let Some((first, file)) = numbers.first().zip(files.first()) else {
        return Err(KeyFileError::TooFewShares { given: 0, threshold: 2 });
    };
    for (at, (other, share)) in files.iter().zip(&numbers).enumerate() {
        let left = file.path.clone();
        let right = other.path.clone();
        if other.description.key_id != file.description.key_id {
            return Err(KeyFileError::MixedKeys { left, right });
        }
        if !other.description.describes_same_key(&file.description) {
            return Err(KeyFileError::SharesDiffer { left, right });
        }
        if (share.split, share.threshold) != (first.split, first.threshold) {
            return Err(KeyFileError::MixedSplits { left, right });
        }
        if let Some(same) = numbers[..at].iter().position(|earlier| earlier.number == share.number) {
            return Err(KeyFileError::SameShare { left: files[same].path.clone(), right });
        }
    }
    if files.len() < usize::from(first.threshold) {
        return Err(KeyFileError::TooFewShares { given: files.len(), threshold: first.threshold });
    }
    Ok(numbers)
}

fn share_number(file: &KeyFile) -> Result<ShareNumber, KeyFileError> {
    file.description.share.ok_or_else(|| KeyFileError::NotShare { path: file.path.clone() })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::store::{Lifetime, write_key};
    use super::*;
    use salanimi_core::{Day, Id, Key, ProjectKey};

    fn key(folder: &Path, bytes: [u8; 32]) -> PathBuf {
        let path = folder.join("study.key");
        let [created, expires] = ["2026-11-24", "2027-11-24"].map(|text| Day::parse(text).unwrap());
        let lifetime = Lifetime { created, expires };
        let study = Id::new("example").unwrap();
        write_key(&path, &study, &ProjectKey::from_bytes(bytes), lifetime, &Protection::None).unwrap();
        path
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(24))]
        #[test]
        fn any_shares_of_the_threshold_combine_to_the_key_and_fewer_do_not(
            bytes in any::<[u8; 32]>(),
            (shares, threshold) in (2_u8..=7).prop_flat_map(|shares| (Just(shares), 2..=shares)),
            order in any::<u64>(),
        ) {
            let folder = tempfile::tempdir().unwrap();
            let path = key(folder.path(), bytes);
            let unlock = Unlock::default();
            let mut paths = split(&path, &unlock, shares, threshold, &[]).unwrap();
            // An arbitrary order of the shares.
            paths.sort_by_key(|path| {
                order.wrapping_mul(path.to_string_lossy().bytes().map(u64::from).sum::<u64>() | 1)
            });
            let out = folder.path().join("out.key");
            let few = combine(&paths[..usize::from(threshold) - 1], &unlock, &out, &Protection::None);
            let too_few = matches!(few, Err(KeyFileError::TooFewShares { .. }));
            prop_assert!(too_few && !out.exists());
            combine(&paths[..usize::from(threshold)], &unlock, &out, &Protection::None).unwrap();
            prop_assert_eq!(std::fs::read(&out).unwrap(), std::fs::read(&path).unwrap());
        }
    }

    #[test]
    fn a_share_alone_reveals_nothing_of_the_key() {
        // For any key, every byte of a share takes every value about as often: 64 splits of a key of zeros.
        let folder = tempfile::tempdir().unwrap();
        let path = key(folder.path(), [0; 32]);
        let mut counts = [0_u32; 256];
        for _ in 0..64 {
            let paths = split(&path, &Unlock::default(), 2, 2, &[]).unwrap();
            let value = KeyFile::read(&paths[0]).unwrap().open_secret(&Unlock::default()).unwrap();
            value.expose().iter().for_each(|&byte| counts[usize::from(byte)] += 1);
            paths.iter().for_each(|path| std::fs::remove_file(path).unwrap());
        }
        // 2,048 draws over 256 values, 8 each: a count of 30 or more has a probability of about 10^-7.
        assert!(counts.iter().all(|&count| count < 30), "{:?}", counts.iter().max());
    }
}
