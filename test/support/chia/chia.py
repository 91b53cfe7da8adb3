"""The original plotting engine behind the command line of `chia plots create`, for plots small enough to test with.

    chia.py plots create -k 18 --override-k -n 1 -t TMP -d DEST -f FARMER_KEY (-p POOL_KEY | -c CONTRACT)
    chia.py plots create2 [-k 18] [--strength 2] -n 1 -d DEST -f FARMER_KEY (-p POOL_KEY | -c CONTRACT)
    chia.py check FILE…      proves plots as `chia plots check` does; exit code 1 where one has no valid proof

The engine (chiapos) and the keys (chia_rs) are those that chia-blockchain uses; names, ids, memos and log lines are
made as it makes them. Unlike there, plots from k 18 are made, and there is no keychain. `create2` makes plots of the new
format with the engine that chia-blockchain 2.7.5 carries, but has no command for.
"""

import argparse
import hashlib
import pathlib
import secrets
import sys
from datetime import datetime

import chia_rs
from chia_rs import AugSchemeMPL, G1Element, PrivateKey
from chia_rs.sized_bytes import bytes32
from chia_rs.sized_ints import uint8, uint16
from chiapos import DiskPlotter, DiskProver, Verifier

# Where a plot's local key stands below its master key (EIP-2334: purpose, coin, account, index).
LOCAL_KEY_PATH = (12381, 8444, 3, 0)
BECH32 = "qpzry9x8gf2tvdw0s3jn54khce6mua7l"
BECH32M_CHECKSUM = 0x2BC830A3
BECH32_GENERATORS = (0x3B6A57B2, 0x26508E6D, 0x1EA119FA, 0x3D4233DD, 0x2A1462B3)


def say(message):
    """A line as chia's logger writes it, colours included."""
    now = datetime.now().isoformat(timespec="milliseconds")
    line = f"{now} 2.7.5  chia.plotting.create_plots       : \x1b[32mINFO    \x1b[0m {message}\x1b[0m"
    print(line, file=sys.stderr, flush=True)


def bech32_checksum(prefix, symbols):
    checksum = 1
    expanded = [ord(c) >> 5 for c in prefix] + [0] + [ord(c) & 31 for c in prefix] + symbols
    for symbol in expanded:
        carried = checksum >> 25
        checksum = ((checksum & 0x1FFFFFF) << 5) ^ symbol
        for bit, generator in enumerate(BECH32_GENERATORS):
            if carried >> bit & 1:
                checksum ^= generator
    return checksum


def contract_puzzle_hash(address):
    """The 32 bytes that a pool contract's address (bech32m, BIP 350) stands for."""
    prefix, separator, text = address.rpartition("1")
    symbols = [BECH32.find(c) for c in text]
    valid = separator and len(symbols) == 58 and -1 not in symbols
    if not valid or bech32_checksum(prefix, symbols) != BECH32M_CHECKSUM:
        raise ValueError(f"Invalid Address {address}")
    number = 0
    for symbol in symbols[:-6]:
        number = number << 5 | symbol
    return (number >> 4).to_bytes(32, "big")


class PlotKeys:
    """What a plot belongs to; the memo holds it, the plot's id follows from it."""

    def __init__(self, pool, farmer, master):
        self.pool, self.farmer, self.master = pool, farmer, master

    @classmethod
    def of_memo(cls, memo):
        pool, farmer, master = memo[:-80], memo[-80:-32], memo[-32:]
        return cls(pool, G1Element.from_bytes(farmer), PrivateKey.from_bytes(master))

    @property
    def memo(self):
        return self.pool + bytes(self.farmer) + bytes(self.master)

    @property
    def plot_key(self):
        secret = self.master
        for index in LOCAL_KEY_PATH:
            secret = AugSchemeMPL.derive_child_sk(secret, index)
        local = secret.get_g1()
        plot_key = local + self.farmer
        if len(self.pool) == 32:  # a contract: the taproot key is added
            seed = hashlib.sha256(bytes(plot_key) + bytes(local) + bytes(self.farmer)).digest()
            plot_key = plot_key + AugSchemeMPL.key_gen(seed).get_g1()
        return plot_key

    @property
    def plot_id(self):
        return hashlib.sha256(self.pool + bytes(self.plot_key)).digest()

    def plot_id_v2(self, strength, index=0, group=0):
        contract = len(self.pool) == 32
        owner = (None, bytes32(self.pool)) if contract else (G1Element.from_bytes(self.pool), None)
        return chia_rs.compute_plot_id_v2(uint8(strength), self.plot_key, *owner, uint16(index), uint8(group))


def options():
    parser = argparse.ArgumentParser(prog="chia plots create", allow_abbrev=False)
    add = parser.add_argument
    add("-k", "--size", type=int, default=32)
    add("-n", "--num", type=int, default=1)
    add("-b", "--buffer", type=int, default=3389)
    add("-r", "--num_threads", type=int, default=2)
    add("-u", "--buckets", type=int, default=128)
    owner_options(add)
    add("-t", "--tmp_dir", type=pathlib.Path, default=pathlib.Path("."))
    add("-2", "--tmp2_dir", type=pathlib.Path)
    for flag in (("--override-k",), ("-e", "--nobitfield"), ("-x", "--exclude_final_dir")):
        add(*flag, action="store_true")
    return parser


def owner_options(add):
    add("-f", "--farmer_public_key")
    add("-p", "--pool_public_key")
    add("-c", "--pool_contract_address")
    add("-d", "--final_dir", type=pathlib.Path, default=pathlib.Path("."))


def owner_of(wanted):
    """The keys of a plot's farmer and pool, and how chia's first line names them."""
    if wanted.farmer_public_key is None:
        raise RuntimeError("No keys, please run 'chia keys add', 'chia keys generate' or provide a public key with -f")
    if (wanted.pool_public_key is None) == (wanted.pool_contract_address is None):
        raise RuntimeError("Choose one of pool_contract_address and pool_public_key")
    farmer = G1Element.from_bytes(bytes.fromhex(wanted.farmer_public_key))
    if wanted.pool_contract_address is not None:
        pool = contract_puzzle_hash(wanted.pool_contract_address)
        owner = f"pool contract address:  {wanted.pool_contract_address}"
    else:
        pool = bytes(G1Element.from_bytes(bytes.fromhex(wanted.pool_public_key)))
        owner = f"pool public key:  {pool.hex()}"
    return pool, farmer, f"{owner} farmer public key: {bytes(farmer).hex()}"


def create2(words):
    parser = argparse.ArgumentParser(prog="chia plots create2", allow_abbrev=False)
    add = parser.add_argument
    # The command itself has no size: it is always 28.
    add("-k", "--size", type=int, default=28)
    add("-n", "--num", type=int, default=1)
    add("-s", "--strength", type=int, default=2)
    add("-x", "--exclude_final_dir", action="store_true")
    owner_options(add)
    wanted = parser.parse_args(words)
    pool, farmer, owner = owner_of(wanted)
    say(f"Creating {wanted.num} v2 plots of size {wanted.size}, strength: {wanted.strength}, {owner}")
    names = []
    for number in range(1, wanted.num + 1):
        keys = PlotKeys(pool, farmer, AugSchemeMPL.key_gen(secrets.token_bytes(32)))
        plot_id = keys.plot_id_v2(wanted.strength)
        names.append(f"plot-k{wanted.size}-{plot_id.hex()}.plot2")
        say(f"Starting plot {number}/{wanted.num}")
        file = str((wanted.final_dir / names[-1]).absolute())
        place = uint16(0), uint8(0)
        chia_rs.create_v2_plot(file, wanted.size, wanted.strength, plot_id, *place, keys.memo, False)
    say(f"Created a total of {len(names)} new plots")
    for name in names:
        say(name)
    return 0


def create(words):
    wanted = options().parse_args(words)
    if wanted.size < 32 and not wanted.override_k:
        print("k=32 is the minimum size for farming.")
        print("If you are testing and you want to use smaller size please add the --override-k flag.")
        return 1
    pool, farmer, owner = owner_of(wanted)
    say(f"Creating {wanted.num} plots of size {wanted.size}, {owner}")
    names = [create_one(wanted, pool, farmer, number) for number in range(1, wanted.num + 1)]
    say("Summary:")
    say(f"Created a total of {len(names)} new plots")
    for name in names:
        say(name)
    return 0


def create_one(wanted, pool, farmer, number):
    keys = PlotKeys(pool, farmer, AugSchemeMPL.key_gen(secrets.token_bytes(32)))
    name = f"plot-k{wanted.size}-{datetime.now():%Y-%m-%d-%H-%M}-{keys.plot_id.hex()}.plot"
    say(f"Starting plot {number}/{wanted.num}")
    # Below k 25 a plot is too small for the usual buckets and stripes.
    small = wanted.size < 25
    DiskPlotter().create_plot_disk(
        str(wanted.tmp_dir),
        str(wanted.tmp2_dir or wanted.tmp_dir),
        str(wanted.final_dir),
        name,
        wanted.size,
        keys.memo,
        keys.plot_id,
        wanted.buffer,
        min(wanted.buckets, 16) if small else wanted.buckets,
        4096 if small else 65536,
        wanted.num_threads,
        wanted.nobitfield,
    )
    return name


def challenges_of(count):
    for number in range(count):
        yield number, hashlib.sha256(number.to_bytes(4, "big")).digest()


def proofs_in_v2(file, challenges=30):
    """The same of a plot of the new format: partial proofs are solved, and what comes of them is validated."""
    prover = chia_rs.Prover(str(file))
    plot_id, size, strength = prover.plot_id(), prover.size(), prover.get_strength()
    made_for = PlotKeys.of_memo(prover.get_memo())
    if made_for.plot_id_v2(strength, prover.get_plot_index(), prover.get_meta_group()) != plot_id:
        raise ValueError("the id does not follow from the keys in the memo")
    if not file.stem.endswith(plot_id.hex()):
        raise ValueError("the name has another id")
    found = 0
    for number, challenge in challenges_of(challenges):
        for partial in prover.get_qualities_for_challenge(bytes32(challenge)):
            proof = chia_rs.solve_proof(partial, plot_id, strength, size, False)
            if chia_rs.validate_proof_v2(plot_id, size, bytes32(challenge), strength, proof, False) is None:
                raise ValueError(f"a proof for challenge {number} is not valid")
            found += 1
    return found


def proofs_in(file, challenges=30):
    """How many proofs a plot has for some challenges; raises where anything about it is wrong."""
    prover = DiskProver(str(file))
    plot_id, size = prover.get_id(), prover.get_size()
    if PlotKeys.of_memo(prover.get_memo()).plot_id != plot_id:
        raise ValueError("the id does not follow from the keys in the memo")
    if not file.stem.endswith(plot_id.hex()):
        raise ValueError("the name has another id")
    found = 0
    for number, challenge in challenges_of(challenges):
        for index, quality in enumerate(prover.get_qualities_for_challenge(challenge)):
            proof = prover.get_full_proof(challenge, index)
            if Verifier().validate_proof(plot_id, size, challenge, proof) != quality:
                raise ValueError(f"proof {index} for challenge {number} is not valid")
            found += 1
    return found


def check(files):
    good = True
    for file in map(pathlib.Path, files):
        try:
            found = proofs_in_v2(file) if file.suffix == ".plot2" else proofs_in(file)
            print(f"{file}: {found} proofs")
            good = good and found > 0
        except (ValueError, RuntimeError) as problem:
            print(f"{file}: {problem}")
            good = False
    return 0 if good else 1


if __name__ == "__main__":
    match sys.argv[1:]:
        case ["check", *files]:
            sys.exit(check(files))
        case ["plots", "create", *words]:
            sys.exit(create(words))
        case ["plots", "create2", *words]:
            sys.exit(create2(words))
        case _:
            sys.exit(__doc__)
