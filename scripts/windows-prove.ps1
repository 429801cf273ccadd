<#
.SYNOPSIS
  Proves on a real Windows what could not be proven where sounder was written (ARCHITECTURE.md, "Windows").
.DESCRIPTION
  Run in an elevated PowerShell (5.1 or later) on Windows 10 1809 / Server 2019 or later, beside sounder.exe:
      .\windows-prove.ps1 -Sounder .\sounder.exe -Target 192.0.2.1 -Target6 2001:db8::1 -Far 198.51.100.1
  Each check prints PASS, FAIL or SKIP with what was seen. The exit code is the number of failed checks. Only what is
  named is probed; the firewall rule, the loopback address and the local user that the script adds for a check each are
  removed again.
.PARAMETER Target
  An IPv4 address, on another machine, that answers pings.
.PARAMETER Target6
  An IPv6 address, on another machine, that answers pings. Without it the checks of IPv6 use ::1 alone.
.PARAMETER Far
  An IPv4 address some hops away, for `time exceeded` with a TTL of 1. Without it those checks are skipped.
#>
param(
  [string]$Sounder = '.\sounder.exe',
  [Parameter(Mandatory)][string]$Target,
  [string]$Target6 = '',
  [string]$Far = '',
  [int]$Port = 19790
)
Set-StrictMode -Version 2
$ErrorActionPreference = 'Stop'
$script:Failed = 0
$Work = Join-Path $env:TEMP "sounder-prove-$PID"
$Rule = "sounder-prove-$PID"
$Extra = '192.0.2.77'   # of no host (RFC 5737); on the loopback interface for some seconds
$Pipe = "\\.\pipe\sounder-prove-$PID"
$Shared = Join-Path $env:ProgramData "sounder-prove-$PID"   # what other users have to read
$Guest = "prove$PID"   # a local user, for some seconds
New-Item -ItemType Directory $Work, $Shared | Out-Null

function Say([string]$Verdict, [string]$Check, [string]$Seen) {
  if ($Verdict -eq 'FAIL') { $script:Failed++ }
  '{0,-4}  {1}: {2}' -f $Verdict, $Check, $Seen
}
function Check([string]$Name, [bool]$Holds, [string]$Seen) {
  if ($Holds) { Say PASS $Name $Seen } else { Say FAIL $Name $Seen }
}

# Processes in a group of their own, so that Ctrl-Break reaches them alone, and what pipes are asked; the latter give the
# system's error numbers.
$Native = @'
using System; using System.Runtime.InteropServices; using System.Text;
public static class Prove {
  [StructLayout(LayoutKind.Sequential, CharSet = CharSet.Unicode)] public struct StartupInfo {
    public int cb; public string reserved, desktop, title; public int x, y, cx, cy, cxc, cyc, fill, flags;
    public short show, reserved2; public IntPtr reserved3, input, output, error; }
  [StructLayout(LayoutKind.Sequential)] public struct ProcessInfo { public IntPtr process, thread; public int pid, tid; }
  [DllImport("kernel32", CharSet = CharSet.Unicode, SetLastError = true)] public static extern bool CreateProcessW(
    string app, StringBuilder line, IntPtr a, IntPtr b, bool inherit, int flags, IntPtr env, string dir,
    ref StartupInfo si, out ProcessInfo pi);
  [DllImport("kernel32", SetLastError = true)] public static extern bool GenerateConsoleCtrlEvent(int what, int group);
  public static int Start(string line) {
    var si = new StartupInfo(); si.cb = Marshal.SizeOf(si); ProcessInfo pi;
    if (!CreateProcessW(null, new StringBuilder(line), IntPtr.Zero, IntPtr.Zero, true, 0x200, IntPtr.Zero, null, ref si,
                        out pi)) throw new System.ComponentModel.Win32Exception();
    return pi.pid; }
  [DllImport("kernel32", CharSet = CharSet.Unicode, SetLastError = true)] static extern IntPtr CreateFileW(
    string name, uint access, uint share, IntPtr security, uint how, uint flags, IntPtr template);
  [DllImport("kernel32", CharSet = CharSet.Unicode, SetLastError = true)] static extern IntPtr CreateNamedPipeW(
    string name, uint open, uint mode, uint most, uint output, uint input, uint wait, IntPtr security);
  [DllImport("kernel32")] static extern bool CloseHandle(IntPtr handle);
  static int Result(IntPtr handle) {
    if (handle == new IntPtr(-1)) return Marshal.GetLastWin32Error();
    CloseHandle(handle);
    return 0; }
  public static int OpenPipe(string name, uint access) {
    return Result(CreateFileW(name, access, 0, IntPtr.Zero, 3, 0x110000, IntPtr.Zero)); }   // known, not acted as
  public static int MakePipe(string name, bool first) {
    return Result(CreateNamedPipeW(name, 3u | (first ? 0x80000u : 0u), 0, 255, 4096, 4096, 0, IntPtr.Zero)); }
}
'@
Add-Type -TypeDefinition $Native
# Starts the daemon with a configuration.
function Start-Daemon([string]$Yaml) {
  $file = Join-Path $Work 'sounder.yaml'
  [IO.File]::WriteAllText($file, $Yaml)
  $id = [Prove]::Start("`"$((Resolve-Path $Sounder).Path)`" run -c `"$file`" --listen 127.0.0.1:$Port --broker $Pipe")
  $process = Get-Process -Id $id
  $null = $process.Handle   # so that the exit code is kept
  foreach ($try in 1..100) {
    if ($process.HasExited) { throw "sounder ended with $($process.ExitCode)" }
    try { $null = Invoke-WebRequest -UseBasicParsing "http://127.0.0.1:$Port/-/ready"; return $process } catch { }
    Start-Sleep -Milliseconds 100
  }
  throw 'sounder did not become ready'
}
function Stop-Daemon($Process) {
  if (-not $Process.HasExited) { $null = [Prove]::GenerateConsoleCtrlEvent(1, $Process.Id) }
  if (-not $Process.WaitForExit(5000)) { $Process.Kill(); return $null }
  return $Process.ExitCode
}
function Get-Metrics { (Invoke-WebRequest -UseBasicParsing "http://127.0.0.1:$Port/metrics").Content }
# The sum of a metric's samples whose labels hold $Labels, a regular expression.
function Get-Value([string]$Name, [string]$Labels = '.*') {
  $sum = 0.0
  foreach ($line in (Get-Metrics) -split "`n") {
    if ($line -match ('^' + $Name + '(\{' + $Labels + '[^}]*\})? ([0-9.eE+-]+)\s*$')) { $sum += [double]$Matches[2] }
  }
  $sum
}
function Config([string]$Address, [string]$Options = '') {
  "groups:`n  - name: prove`n    interval: 200ms`n    timeout: 1s`n$Options    targets: ['$Address']`n"
}
# Runs the daemon for some seconds on one target and gives what it counted.
function Measure-Target([string]$Address, [string]$Options = '', [int]$Seconds = 4) {
  $process = Start-Daemon (Config $Address $Options)
  try {
    Start-Sleep -Seconds $Seconds
    $result = @{
      reply  = Get-Value 'sounder_probes_total' '[^}]*outcome="reply"'
      error  = Get-Value 'sounder_probes_total' '[^}]*outcome="icmp_error"'
      failed = Get-Value 'sounder_probes_total' '[^}]*outcome="send_failed"'
      late   = Get-Value 'sounder_send_lateness_seconds_sum'
      sent   = Get-Value 'sounder_send_lateness_seconds_count'
    }
  } finally { $null = Stop-Daemon $process }
  $result
}
# What pktmon (Windows 10 2004 and later) saw of outgoing ICMP while $Body ran, as text; nothing where there is none.
function Get-Capture([scriptblock]$Body) {
  if (-not (Get-Command pktmon.exe -ErrorAction SilentlyContinue)) { & $Body | Out-Null; return $null }
  $etl = Join-Path $Work 'capture.etl'
  $text = Join-Path $Work 'capture.txt'
  pktmon filter remove | Out-Null
  pktmon filter add prove -t ICMP | Out-Null
  pktmon start --capture --pkt-size 128 --file-name $etl | Out-Null
  try { & $Body | Out-Null } finally { pktmon stop | Out-Null; pktmon filter remove | Out-Null }
  pktmon etl2txt $etl --out $text --verbose 3 | Out-Null
  Get-Content -Raw $text
}

# Runs PowerShell without the group Administrators, and gives the lines that it writes; none if it wrote nothing.
function Invoke-Unelevated([string]$Body) {
  $script = Join-Path $Work 'unelevated.ps1'
  $answer = Join-Path $Work 'unelevated.txt'
  Remove-Item $answer -ErrorAction SilentlyContinue
  $head = "Add-Type -TypeDefinition @'`n$Native`n'@`n`$me = [Security.Principal.WindowsPrincipal]" +
    "[Security.Principal.WindowsIdentity]::GetCurrent()`n"
  [IO.File]::WriteAllText($script, "$head& {`n$Body`n} > '$answer.part'`nMove-Item '$answer.part' '$answer'`n")
  runas /trustlevel:0x20000 "powershell -NoProfile -ExecutionPolicy Bypass -File `"$script`"" | Out-Null
  foreach ($try in 1..300) {
    if (Test-Path $answer) { return @(Get-Content $answer) }
    Start-Sleep -Milliseconds 100
  }
  @()
}
function Wait-Until([scriptblock]$Holds) {
  foreach ($try in 1..100) { if (& $Holds) { return $true }; Start-Sleep -Milliseconds 100 }
  $false
}

# The pipe of local programs: who may do what with it, and how the death of its clients is seen.
function Test-Pipe {
  $process = Start-Daemon ("broker: {policy: [{for: everybody, packets_per_second: 100}]}`n" + (Config '127.0.0.1'))
  try {
    $said = Join-Path $Work 'second.txt'
    $second = Start-Process (Resolve-Path $Sounder).Path -PassThru -NoNewWindow -RedirectStandardError $said `
      "run -c `"$(Join-Path $Work 'sounder.yaml')`" --listen 127.0.0.1:0 --broker $Pipe"
    if (-not $second.WaitForExit(10000)) { $second.Kill() }
    $again = "$(Get-Content -Raw $said)"
    Check 'a second daemon of the name is refused' ($again -match 'another daemon') ($again -replace '\s+', ' ')
    $refusal = [Prove]::MakePipe($Pipe, $true)
    Check 'the first-instance flag' ($refusal -eq 5) "to who wants to be the first: $refusal"
    Test-PipeAccess
    Test-Death
  } finally { $null = Stop-Daemon $process }
}
# 0x12018b: as the client library opens it (engine/platform/windows/pipe_access.h), 0x40000000: FILE_GENERIC_WRITE, which
# holds the right to make instances.
function Test-PipeAccess {
  $remote = [Prove]::OpenPipe(($Pipe -replace '^\\\\\.', '\\127.0.0.1'), 0x12018b)
  if ($remote -in 53, 67) { Say SKIP 'clients of other machines are refused' "no file sharing here: $remote" } else {
    Check 'clients of other machines are refused' ($remote -ne 0) "through the network's names: $remote"
  }
  $seen = Invoke-Unelevated @"
`$me.IsInRole([Security.Principal.WindowsBuiltInRole]::Administrator)
[Prove]::OpenPipe('$Pipe', 0x12018b)
[Prove]::OpenPipe('$Pipe', 0x40000000)
[Prove]::MakePipe('$Pipe', `$false)
& '$((Resolve-Path $Sounder).Path)' ping -c 1 --via-broker --socket '$Pipe' 127.0.0.1
"@
  if ($seen.Count -lt 5 -or $seen[0] -ne 'False') {
    Say SKIP 'the access list of the pipe' "no program without Administrators could be started: $seen"
    return
  }
  Check 'the access list of the pipe' ($seen[1] -eq '0' -and $seen[2] -eq '5' -and $seen[3] -eq '5') `
    "a plain program opens it: $($seen[1]), with the right to pose as the daemon: $($seen[2]), poses: $($seen[3])"
  Check 'a plain program pings through the daemon' ("$seen" -match '1 received') ($seen[4..99] -join ' ')
}
# A client of another user, whose process the daemon may or may not open once its privileges are gone.
function Test-Death {
  $exe = Join-Path $Shared 'sounder.exe'
  Copy-Item (Resolve-Path $Sounder).Path $exe
  $word = ConvertTo-SecureString ([guid]::NewGuid().ToString() + 'aA1!') -AsPlainText -Force
  $null = New-LocalUser -Name $Guest -Password $word
  $who = New-Object Management.Automation.PSCredential($Guest, $word)
  $before = Get-Value 'sounder_broker_clients'
  $client = Start-Process $exe "watch --network --socket $Pipe" -Credential $who -WorkingDirectory $Shared -PassThru `
    -WindowStyle Hidden
  $came = Wait-Until { (Get-Value 'sounder_broker_clients') -eq $before + 1 }
  $unwatched = Get-Value 'sounder_broker_unwatched_clients_total'
  Stop-Process -Id $client.Id -Force
  $left = Wait-Until { (Get-Value 'sounder_broker_clients') -eq $before }
  Check 'another user connects, and his death is seen' ($came -and $left) "came: $came, left: $left"
  if ($unwatched -eq 0) { Say PASS 'OpenProcess without privileges' 'the process of another user is watched' } else {
    Say SKIP 'OpenProcess without privileges' 'refused: of other users'' programs the end of the stream tells alone'
  }
}

try {
  $me = [Security.Principal.WindowsPrincipal][Security.Principal.WindowsIdentity]::GetCurrent()
  if (-not $me.IsInRole([Security.Principal.WindowsBuiltInRole]::Administrator)) { throw 'run this elevated' }
  "$([Environment]::OSVersion.VersionString), $(& $Sounder version)"

  # Raw sockets, bound before the first receive (else 10022), and the checksum of ICMPv6.
  $v4 = Measure-Target $Target
  Check 'raw ICMPv4, replies' ($v4.reply -ge 5 -and $v4.failed -eq 0) "$($v4.reply) replies, $($v4.failed) failed sends"
  $loop6 = Measure-Target '::1'
  Check 'raw ICMPv6, loopback' ($loop6.reply -ge 5) "$($loop6.reply) replies"
  if ($Target6) {
    $v6 = Measure-Target $Target6
    Check 'ICMPv6 checksum on the wire (another host answers)' ($v6.reply -ge 5) "$($v6.reply) replies"
  } else { Say SKIP 'ICMPv6 checksum on the wire' 'no -Target6' }

  # The timer: 15.6 ms late on average would be the system's old tick.
  $mean = if ($v4.sent) { 1000 * $v4.late / $v4.sent } else { 1e9 }
  Check 'timer resolution (mean send lateness below 2 ms)' ($mean -lt 2) ('{0:n3} ms over {1} probes' -f $mean, $v4.sent)

  # ICMP errors reach raw sockets only through an inbound rule of the firewall.
  if ($Far) {
    $without = Measure-Target $Far "    ttl: 1`n"
    New-NetFirewallRule -Name $Rule -DisplayName $Rule -Direction Inbound -Action Allow -Protocol ICMPv4 -IcmpType 3, 11 |
      Out-Null
    $with = Measure-Target $Far "    ttl: 1`n"
    Remove-NetFirewallRule -Name $Rule
    Check 'ICMP errors with the firewall rule, and TTL 1' ($with.error -ge 5) `
      "$($with.error) with the rule, $($without.error) without"
  } else { Say SKIP 'ICMP errors with the firewall rule, and TTL 1' 'no -Far' }

  # What is visible on the wire. IP_TOS is documented as ignored: what is seen here decides.
  $seen = Get-Capture { Measure-Target $Target "    dscp: 46`n    ttl: 77`n    dont_fragment: true`n" 3 }
  if ($null -eq $seen) { Say SKIP 'TTL, DSCP and DF on the wire' 'this Windows has no pktmon' } else {
    Check 'TTL on the wire' ($seen -match 'ttl 77') 'ttl 77 looked for'
    Check 'DF on the wire' ($seen -match 'flags \[DF\]') 'flags [DF] looked for'
    if ($seen -match 'tos 0xb8') { Say PASS 'DSCP on the wire' 'tos 0xb8' } else {
      Say SKIP 'DSCP on the wire' 'Windows does not send it: use a policy (New-NetQosPolicy) instead' }
  }

  # Notices of network changes: an address comes and goes on the loopback interface, which is number 1.
  $process = Start-Daemon (Config $Target)
  $before = Get-Value 'sounder_network_objects' '[^}]*kind="address"'
  $polling = Get-Value 'sounder_network_watch_polling'
  Check 'Windows gives notices of network changes' ($polling -eq 0 -and $before -gt 0) "polling $polling"
  $null = New-NetIPAddress -InterfaceIndex 1 -IPAddress $Extra -PrefixLength 32 -PolicyStore ActiveStore
  Start-Sleep -Seconds 2
  $with = Get-Value 'sounder_network_objects' '[^}]*kind="address"'
  Remove-NetIPAddress -InterfaceIndex 1 -IPAddress $Extra -Confirm:$false
  Start-Sleep -Seconds 2
  $after = Get-Value 'sounder_network_objects' '[^}]*kind="address"'
  $null = Stop-Daemon $process
  Check 'an address that comes and goes is followed' ($with -eq $before + 1 -and $after -eq $before) `
    "$before addresses, $with with one more, then $after"

  Test-Pipe

  # Reload, and the two ways of stopping.
  $process = Start-Daemon (Config $Target)
  $before = Get-Value 'sounder_targets'
  [IO.File]::WriteAllText((Join-Path $Work 'sounder.yaml'), (Config "$Target', '127.0.0.1"))
  $answer = Invoke-WebRequest -UseBasicParsing -Method Post "http://127.0.0.1:$Port/-/reload"
  Check 'reload by POST' ($answer.StatusCode -eq 200 -and (Get-Value 'sounder_targets') -eq 2) "$before, then 2 targets"
  [IO.File]::WriteAllText((Join-Path $Work 'sounder.yaml'), (Config $Target))
  Start-Sleep -Seconds 12
  Check 'reload by a changed file' ((Get-Value 'sounder_targets') -eq 1) 'back to one target'
  $code = Stop-Daemon $process
  Check 'Ctrl-Break stops at once' ($code -eq 0) "exit code $code"
  # A program in a group of its own ignores Ctrl-C until it is told not to: this one is for a person.
  Say SKIP 'Ctrl-C stops at once' 'start sounder run in a console and press it; `echo %ERRORLEVEL%` has to say 0'

  # Without the rights: the message has to name Administrators (10013). A token without the group is started by runas.
  $log = Join-Path $Work 'norights.txt'
  $command = "`"$((Resolve-Path $Sounder).Path)`" ping -c 1 127.0.0.1 > `"$log`" 2>&1"
  runas /trustlevel:0x20000 "cmd /c $command" | Out-Null
  Start-Sleep -Seconds 5
  $text = if (Test-Path $log) { Get-Content -Raw $log } else { '' }
  Check 'without rights it says whom to be' ($text -match 'Administrators') ($text -replace '\s+', ' ')
} finally {
  Get-NetFirewallRule -Name $Rule -ErrorAction SilentlyContinue | Remove-NetFirewallRule
  Remove-NetIPAddress -InterfaceIndex 1 -IPAddress $Extra -Confirm:$false -ErrorAction SilentlyContinue
  Get-LocalUser -Name $Guest -ErrorAction SilentlyContinue | Remove-LocalUser
  Remove-Item -Recurse -Force $Work, $Shared -ErrorAction SilentlyContinue
}
"$script:Failed failed"
exit $script:Failed
